import { ledgerHours } from '../core/coverage.ts';
import type { Cost, ResourceTime } from '../core/pricing.ts';
import { type Clock, SECOND_MS } from '../lib/clock.ts';
import { parseMoney, ZERO } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { PriceVersion, PriceVersions } from '../store/relational/price-versions.ts';
import { FILTER_COLUMNS, reachOf } from './allocation-columns.ts';
import { readCoverage } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import type {
  ExplainAsk,
  ExplainedHour,
  ExplainedRow,
  ExplainedSamples,
  Explanation,
  Explanations,
} from './explain.ts';
import { arithmeticOf } from './explain-arithmetic.ts';
import { attachmentOf, readAttached } from './explain-attached.ts';
import { type AttachedRow, HourRow, LedgerRow, NodeRow, SampleRow, TotalRow } from './explain-reads.ts';
import { filterSql } from './filter-sql.ts';
import { leafJoins } from './leaf-joins.ts';
import { fillSql, readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly prices: Pick<PriceVersions, 'get'>;
  readonly clock: Clock;
}

type Params = Readonly<Record<string, unknown>>;

/** Explains ledger rows from the ledger itself, its records of hours and of prices, and what is kept of raw samples. */
export function createExplanations(deps: Deps): Explanations {
  return { explain: (ask, signal) => explain(deps, ask, signal) };
}

async function explain(deps: Deps, ask: ExplainAsk, signal?: AbortSignal): Promise<Explanation> {
  const { columnar, clusters, clock } = deps;
  const known = (await clusters.list(ask.tenant)).filter(
    ({ id }) => ask.onlyCluster === null || id === ask.onlyCluster,
  );
  const hours = ledgerHours(ask.window);
  const window = {
    tenant: ask.tenant,
    clusters: known.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const request = {
    tenant: ask.tenant,
    ...hours,
    now: clock.now(),
    clusters: known,
    filter: ask.filter,
    step: 'week',
    params: window,
  } as const;
  const { totals, page, params } = statementsOf(ask, { window, known });
  const paged = { ...params, limit: ask.limit, offset: ask.offset };
  const [coverage, [total], rows, attached] = await Promise.all([
    readCoverage(columnar, request, signal),
    columnar.rows({ sql: totals, params, row: TotalRow }, signal),
    columnar.rows({ sql: page, params: paged, row: LedgerRow }, signal),
    readAttached(columnar, { filter: ask.filter, params: paged }, signal),
  ]);
  const found = await evidenceOf(deps, { ask, rows, attached: attached.rows, window, known }, signal);
  return { coverage: coverage.answer, total: { ...totalOf(total), ...attached.total }, ...found };
}

interface Scope {
  readonly window: Params;
  readonly known: readonly Cluster[];
}

function statementsOf({ filter }: ExplainAsk, { window, known }: Scope) {
  const asked = filterSql(filter, FILTER_COLUMNS, 'filter_');
  const parts: Readonly<Record<string, string>> = {
    leaves: readSql('explain-leaves'),
    asked: asked.sql,
    joins: leafJoins(reachOf([], [filter])),
  };
  const fill = (name: string) => fillSql(readSql(name), parts);
  const names = { cluster_ids: known.map(({ id }) => id), cluster_names: known.map(({ name }) => name) };
  return {
    totals: fill('explain-totals'),
    page: fill('explain-rows'),
    params: { ...window, ...names, ...asked.params },
  };
}

function totalOf(row: TotalRow | undefined): Omit<Explanation['total'], 'attached' | 'attachedRows'> {
  const of = (amount: string | undefined) => (amount === undefined ? ZERO : parseMoney(amount));
  return {
    rows: row?.row_count ?? 0,
    cpu: of(row?.cpu),
    ram: of(row?.ram),
    gpu: of(row?.gpu),
    network: of(row?.network),
    external: of(row?.external),
  };
}

interface Page extends Scope {
  readonly ask: ExplainAsk;
  readonly rows: readonly LedgerRow[];
  readonly attached: readonly AttachedRow[];
}

const LEFT_OVER = new Set(['__idle__', '__overcommit__']);
const SAMPLES = [
  { table: 'container_samples', statement: 'explain-container-samples' },
  { table: 'node_samples', statement: 'explain-node-samples' },
  { table: 'hour_facts', statement: 'explain-hour-facts' },
  { table: 'points', statement: 'explain-points' },
] as const satisfies readonly { table: ExplainedSamples['table']; statement: string }[];

async function evidenceOf({ columnar, prices }: Deps, page: Page, signal?: AbortSignal) {
  const { ask, rows, attached, known } = page;
  if (rows.length + attached.length === 0) return { rows: [], attached: [], hours: [], prices: [], samples: [] };
  const params = pageParams(page);
  const names = new Map(known.map(({ id, name }) => [id, name]));
  const [nodes, hours, ...samples] = await Promise.all([
    columnar.rows({ sql: readSql('explain-nodes'), params, row: NodeRow }, signal),
    columnar.rows({ sql: readSql('explain-hours'), params, row: HourRow }, signal),
    ...SAMPLES.map((kind) => samplesOf(columnar, { ...kind, params, names }, signal)),
  ]);
  const ids = new Set([
    ...rows.map(({ priced_with }) => priced_with),
    ...attached.map(({ price_version }) => price_version),
    ...hours.map(({ price_version }) => price_version),
  ]);
  const found = await Promise.all([...ids].filter((id) => UUID.test(id)).map((id) => prices.get(ask.tenant, id)));
  const versions = found.filter((version) => version !== undefined);
  const byNode = new Map(nodes.map((node) => [placeOf(node), node]));
  const byId = new Map(versions.map((version) => [version.id, version]));
  const ratesOfHour = new Map(hours.map((hour) => [`${hour.cluster_id} ${hour.hour_s}`, byId.get(hour.price_version)]));
  return {
    rows: rows.map((row) => {
      const price = byId.get(row.priced_with) ?? ratesOfHour.get(`${row.cluster_id} ${row.hour_s}`);
      return explainedRow(row, { node: byNode.get(placeOf(row)), price, names });
    }),
    attached: attached.map((row) => attachmentOf(row, names)),
    hours: hours.map((hour) => explainedHour(hour, names)),
    prices: versions,
    samples,
  };
}

const UUID = /^[0-9a-f-]{36}$/;

function pageParams({ ask, rows, attached, window }: Page): Params {
  const hours = [...new Set([...rows, ...attached].map(({ hour_s }) => hour_s))];
  const pods = rows.filter(({ pod_name }) => pod_name !== '');
  const unique = [
    ...new Map(pods.map((row) => [`${row.cluster_id} ${row.namespace_name} ${row.pod_name}`, row])).values(),
  ];
  const nodesOf = (some: readonly LedgerRow[]) => [...new Set(some.map(({ node_name }) => node_name))];
  return {
    ...window,
    page_clusters: [...new Set([...rows, ...attached].map(({ cluster_id }) => cluster_id))],
    page_hours: hours.map((hour) => engineInstant(hour * SECOND_MS).slice(0, 'yyyy-mm-dd hh:mm:ss'.length)),
    page_nodes: nodesOf(rows),
    left_over_nodes: nodesOf(rows.filter(({ namespace_name }) => LEFT_OVER.has(namespace_name))),
    pod_clusters: unique.map(({ cluster_id }) => cluster_id),
    pod_namespaces: unique.map(({ namespace_name }) => namespace_name),
    pod_names: unique.map(({ pod_name }) => pod_name),
    samples_max: ask.samplesMax,
  };
}

function placeOf({ cluster_id, hour_s, node_name }: Pick<LedgerRow, 'cluster_id' | 'hour_s' | 'node_name'>): string {
  return `${cluster_id} ${hour_s} ${node_name}`;
}

type Names = ReadonlyMap<string, string>;

interface RowContext {
  readonly node: NodeRow | undefined;
  readonly price: PriceVersion | undefined;
  readonly names: Names;
}

function explainedRow(row: LedgerRow, { node, price, names }: RowContext): ExplainedRow {
  const isKnown = node !== undefined && node.basis !== 'unknown';
  return {
    cluster: names.get(row.cluster_id) ?? row.cluster_id,
    hour: row.hour_s * SECOND_MS,
    node: row.node_name,
    namespace: row.namespace_name,
    pod: row.pod_name,
    podUid: row.uid,
    container: row.container_name,
    controllerKind: row.owner_kind,
    controller: row.owner,
    runMs: row.run,
    source: row.told_by,
    priceVersion: row.priced_with,
    onNode: node ? nodeOf(node) : null,
    arithmetic: arithmeticOf({
      namespace: row.namespace_name,
      isStated: row.priced_with === 'stated',
      held: timeOf(row.cpu_held, row.ram_held, row.gpu_held),
      requested: timeOf(row.cpu_requested, row.ram_requested, row.gpu_requested),
      used: timeOf(row.cpu_used, row.ram_used, row.gpu_used),
      cost: costOf(row.cpu, row.ram, row.gpu),
      node: isKnown
        ? {
            capacity: timeOf(node.cpu_capacity, node.ram_capacity, node.gpu_capacity),
            cost: costOf(node.cpu, node.ram, node.gpu),
            charged: costOf(node.cpu_taken, node.ram_taken, node.gpu_taken),
          }
        : null,
      spot: node?.is_spot ?? false,
      rates: price?.rates,
    }),
    network: parseMoney(row.network),
    external: parseMoney(row.external),
    adjustment: parseMoney(row.adjustment),
  };
}

function nodeOf(node: NodeRow): ExplainedRow['onNode'] {
  return {
    spot: node.is_spot,
    coveredMs: node.covered,
    instanceType: node.type,
    priceBasis: node.basis,
    reportedCost: parseMoney(node.reported),
    discount: node.off,
  };
}

/** Core-seconds and GPU-seconds have six decimals; byte-seconds none. */
function timeOf(cpu: string, ram: string, gpu: string): ResourceTime {
  const micro = (amount: string) => parseMoney(amount) / 1_000_000n;
  return { cpu: micro(cpu), ram: BigInt(ram), gpu: micro(gpu) };
}

function costOf(cpu: string, ram: string, gpu: string): Cost {
  return { cpu: parseMoney(cpu), ram: parseMoney(ram), gpu: parseMoney(gpu) };
}

function explainedHour(hour: HourRow, names: Names): ExplainedHour {
  return {
    cluster: names.get(hour.cluster_id) ?? hour.cluster_id,
    hour: hour.hour_s * SECOND_MS,
    source: hour.record,
    reported: hour.reported,
    coveredMs: hour.covered_ms,
    priceVersion: hour.price_version,
    computedAt: hour.computed_ms,
    managementCost: parseMoney(hour.management),
  };
}

interface SamplesRead {
  readonly table: ExplainedSamples['table'];
  readonly statement: string;
  readonly params: Params;
  readonly names: Names;
}

async function samplesOf(
  columnar: Columnar,
  { table, statement, params, names }: SamplesRead,
  signal?: AbortSignal,
): Promise<ExplainedSamples> {
  const rows = await columnar.rows({ sql: readSql(statement), params, row: SampleRow }, signal);
  const [first] = rows;
  return {
    table,
    count: first?.row_count ?? 0,
    firstAt: first?.first_ms ?? null,
    lastAt: first?.last_ms ?? null,
    rows: rows.map((row) => ({
      at: row.at_ms,
      receivedAt: row.received_ms,
      source: row.told_by,
      cluster: names.get(row.cluster_id) ?? row.cluster_id,
      node: row.node_name,
      namespace: row.namespace_name,
      pod: row.pod_name,
      container: row.container_name,
      values: Object.fromEntries(Object.entries(row.told).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    })),
  };
}
