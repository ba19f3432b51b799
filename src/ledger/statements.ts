import { readFileSync } from 'node:fs';

/** The rollup's SQL, one file per step. Read once: a missing file is a broken installation and must fail at start. */
export function load(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
}

/** Puts texts of ours where `{{name}}` stands in one. Values never travel this way: they are bound. */
export function compose(text: string, fillings: Readonly<Record<string, string>>): string {
  return Object.entries(fillings).reduce((whole, [name, filling]) => {
    const parts = whole.split(`{{${name}}}`);
    if (parts.length === 1) throw new Error(`no {{${name}}} in: ${whole.slice(0, 80)}`);
    return parts.join(filling);
  }, text);
}

/** The statements that compute an hour from one shape of raw facts. */
export interface HourStatements {
  /** What its nodes offered, into a scratch table of that name. */
  readonly offered: string;
  /** What one part of the pods held and used, into the scratch table of `USAGE_TABLE`. */
  readonly addUsage: string;
}

const NODES_OF_OFFER = 'SELECT * FROM {offered:Identifier}';
export const PRICE_NODES = compose(load('price-nodes'), {
  offered: NODES_OF_OFFER,
  price_at: '0',
  gpu_at: '0',
  discount_at: '0',
});
/** The same where the price version has rules. */
export const PRICE_NODES_BY_RULES = compose(load('price-nodes'), {
  offered: compose(load('rules-of-nodes'), { offered: NODES_OF_OFFER }),
  price_at: 'price_at',
  gpu_at: 'gpu_at',
  discount_at: 'discount_at',
});

const NODES_FROM_SAMPLES = load('nodes-from-samples');
const USAGE_FROM_SAMPLES = load('usage-from-samples');
const OFFERED_TABLE = load('offered-table');
const HOUR_MS = "WITH toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')}) AS hour_ms";

function hourStatements(offered: string, usage: string): HourStatements {
  return {
    offered: compose(OFFERED_TABLE, { hour_ms: HOUR_MS, offered }),
    addUsage: `INSERT INTO {usage:Identifier}\n${HOUR_MS}\n${usage}`,
  };
}

function fromSamples(samples: string, nodes: string): HourStatements {
  return hourStatements(compose(NODES_FROM_SAMPLES, { samples: nodes }), compose(USAGE_FROM_SAMPLES, { samples }));
}

/** What a source of record tells, and what the Kubernetes API tells of the same pods and nodes. */
function enriched({ samples, pods }: { samples: string; pods: string }): string {
  const beside = compose(load('samples-of-kubernetes'), { record_pods: pods });
  return oneSpelling(`SELECT * FROM\n(\n${samples}\n)\nUNION ALL\nSELECT * FROM\n(\n${beside}\n)\n`);
}

/** Names of nodes are in lower case at the API server: who writes them otherwise means the same nodes. */
function oneSpelling(samples: string): string {
  return `SELECT * REPLACE (lower(node) AS node) FROM\n(\n${samples}\n)\n`;
}

function enrichedNodes(nodes: string): string {
  return oneSpelling(`${nodes}\nUNION ALL\n${load('node-samples-of-kubernetes')}`);
}

const STORED = {
  samples: load('samples-stored'),
  pods: load('record-pods-stored'),
  nodes: load('node-samples-stored'),
};
const POINTS = {
  samples: load('samples-of-points'),
  pods: load('record-pods-of-points'),
  nodes: nodeColumns(load('node-samples-of-points')),
};

/** The columns that nodes-from-samples.sql reads, of rows that have others too. */
function nodeColumns(samples: string): string {
  return `SELECT at, digest, node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity, gpu_capacity, hourly_cost, labels, false AS by_api\nFROM\n(\n${samples}\n)\n`;
}

export const FROM_SAMPLES = fromSamples(STORED.samples, STORED.nodes);
export const FROM_ENRICHED_SAMPLES = fromSamples(enriched(STORED), enrichedNodes(STORED.nodes));
export const FROM_POINTS = fromSamples(POINTS.samples, POINTS.nodes);
export const FROM_ENRICHED_POINTS = fromSamples(enriched(POINTS), enrichedNodes(POINTS.nodes));
const GPUS_FROM_FACTS = { gpus: load('gpus-from-facts') };
export const FROM_FACTS = hourStatements(
  compose(load('nodes-from-facts'), GPUS_FROM_FACTS),
  compose(load('usage-from-facts'), GPUS_FROM_FACTS),
);
export const FROM_LEDGER = hourStatements(load('nodes-from-ledger'), load('usage-from-ledger'));
const USAGE_COLUMNS = load('usage-columns').trimEnd();
const NODES_OF_HOUR = load('nodes-of-hour');
export const USAGE_TABLE = compose(load('usage-table'), { columns: USAGE_COLUMNS });
export const CHARGES = compose(load('charges'), { columns: USAGE_COLUMNS, nodes: NODES_OF_HOUR });
/** The containers of an hour whose charges stand in a scratch table. */
export const PRICE_CONTAINERS = compose(load('price-containers'), { nodes: NODES_OF_HOUR });

/** Those that read points expect their scratch table to be there. */
export const SERIES_OF_HOUR = load('series-of-hour');
export const DROP_SCRATCH = 'DROP TABLE IF EXISTS {scratch:Identifier}';
export const DROP_SCRATCH_OF_HOUR =
  'DROP TABLE IF EXISTS {offered:Identifier}, {usage:Identifier}, {charges:Identifier}';

/** An hour's rows are held into the next one, and those of its first minutes tell of the end of the one before. */
const REACH = `toStartOfHour(toDateTime(at, 'UTC')) AS own, arrayMap(spill -> own + spill, if(toMinute(at) < 5, [0, 3600, -3600], [0, 3600])) AS bears`;
export const TOLD_OF_HOURS = compose(load('told-of-hours'), { reach: REACH });
export const SURVEY_SAMPLES = compose(load('survey'), { sightings: load('sightings-stored') });
export const SURVEY_POINTS = compose(load('survey'), {
  sightings: `SELECT source, node, at, toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS asked FROM\n(\n${load('node-samples-of-points')}\n)`,
});
export const SURVEY_FACTS = load('survey-facts');
export const DIRTY_HOURS = load('dirty-hours');
export const CLUSTER_HOUR = load('cluster-hours');
export const MANAGEMENT_TOLD = load('management-told');
export const UNREPORTED_HOUR = load('unreported-hour');
export const SETTLED_HOURS = load('settled-hours');
export const DIRTY_DAYS = load('dirty-days');
export const DIRTY_HOUR_SUMS = load('dirty-hour-sums');
export const HOURS_SUMMED = load('hours-summed');
const WORKLOAD_SUMS = load('workload-sums');
export const WORKLOAD_HOURS = compose(WORKLOAD_SUMS, {
  table: 'workload_hours',
  key: 'tenant, cluster, day, hour, namespace, controller_kind, controller, labels_digest',
  of_period: "day IN {days:Array(Date)} AND hour IN {hours:Array(DateTime('UTC'))}",
  pods: '',
  count_pods: '',
  no_pods: '',
});
/** `pods` counts distinct pods over any number of days. */
export const WORKLOAD_DAY = compose(WORKLOAD_SUMS, {
  table: 'workload_days',
  key: 'tenant, cluster, day, namespace, controller_kind, controller, labels_digest',
  of_period: 'day = {day:Date}',
  pods: 'pods,',
  count_pods: "uniqExactStateIf(cityHash64(h.cluster, h.namespace, h.pod, h.pod_uid), h.pod != '') AS pods,",
  no_pods: 'uniqExactStateIf(toUInt64(0), false),',
});
export const VOLUME_DAY = load('volume-days');
export const BALANCER_DAY = load('balancer-days');
export const NODE_DAY = load('node-days');
export const DAY_GRAIN = load('day-grain');
export const REPRICE_CLUSTER_HOUR = load('reprice-cluster-hours');
