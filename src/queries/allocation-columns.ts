import type { AggregateKey } from '../core/aggregate/aggregate-keys.ts';
import type { Resource } from '../core/allocation/costs.ts';
import { DEFAULT_ALIASES, sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Filter } from '../core/filter/tree.ts';
import { type FilterColumns, sanitizedMapSql } from './filter-sql.ts';
import { POOL_LABELS } from './pool-labels.ts';

/** Columns of an answer that hold what a resource cost; what is not here is not in the ledger and costs nothing. */
export const COST_COLUMNS = { cpu: 'cpu_cost', ram: 'ram_cost' } as const satisfies Partial<Record<Resource, string>>;

/** Operators and Prometheus write `label_` before a label's name. */
const bareLabels = (column: string) =>
  sanitizedMapSql(
    `mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), CAST(${column}, 'Map(String, String)'))`,
  );
const LABELS = bareLabels('labels');
const POOL = `arrayFirst(x -> x != '', arrayMap(k -> ${bareLabels('node_labels')}[k], [${POOL_LABELS.map((label) => `'${label}'`).join(', ')}]))`;
const NO_MAP = `CAST(map(), 'Map(String, String)')`;

/** What keys and filters ask about, in the words of allocations.sql. Services and annotations are not in the ledger. */
const COLUMNS = {
  cluster: `transform(toString(cluster), {cluster_ids:Array(String)}, {cluster_names:Array(String)}, toString(cluster))`,
  node: 'node',
  namespace: 'namespace',
  controllerKind: 'lower(controller_kind)',
  controller: 'controller',
  pod: 'pod',
  container: 'container',
  providerId: 'provider_id',
  zone: 'zone',
  region: 'region',
  instanceType: 'instance_type',
  pool: POOL,
} as const;

export const FILTER_COLUMNS: FilterColumns = {
  ...COLUMNS,
  services: `CAST([], 'Array(String)')`,
  labels: LABELS,
  annotations: NO_MAP,
  namespaceLabels: NO_MAP,
};

/** The value of a key, of type `String`. Names of labels are bound as `<prefix>0`, `<prefix>1`, … */
export function keysSql(keys: readonly AggregateKey[], prefix = 'key_') {
  const params: Record<string, string> = {};
  const label = (name: string) => {
    const param = `${prefix}${Object.keys(params).length}`;
    params[param] = name;
    return `${LABELS}[{${param}:String}]`;
  };
  const values = keys.map((key) => `toString(${valueSql(key, label)})`);
  return { sql: values.length === 0 ? `CAST([], 'Array(String)')` : `[${values.join(', ')}]`, params };
}

function valueSql(key: AggregateKey, label: (name: string) => string): string {
  const { controller, controllerKind } = COLUMNS;
  switch (key.kind) {
    case 'text':
      return COLUMNS[key.property];
    case 'controller':
      return `if(${controller} = '' OR controller_kind = '', ${controller}, concat(${controllerKind}, ':', ${controller}))`;
    case 'controllerOfKind':
      return `if(${controllerKind} = '${key.controllerKind}', ${controller}, '')`;
    case 'service':
      return `''`;
    case 'map':
      return key.property === 'labels' ? label(key.key) : `''`;
    case 'alias':
      return label(sanitizeLabelName(DEFAULT_ALIASES[key.alias]));
    default:
      return key satisfies never;
  }
}

const BY_NODE = new Set(['providerId', 'zone', 'region', 'instanceType', 'pool']);
const BY_HOUR = new Set(['node', 'pod', 'container', ...BY_NODE]);

/** What a question must read: hours, where it asks for more than workloads, and what is known of nodes. */
export interface Reach {
  readonly hours: boolean;
  readonly nodes: boolean;
}

export function reachOf(keys: readonly AggregateKey[], filters: readonly Filter[]): Reach {
  const asked = [
    ...keys.flatMap((key): string[] => (key.kind === 'text' ? [key.property] : [])),
    ...filters.flatMap(textsOf),
  ];
  return { hours: asked.some((name) => BY_HOUR.has(name)), nodes: asked.some((name) => BY_NODE.has(name)) };
}

function textsOf(filter: Filter): string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.parts.flatMap(textsOf);
  if (filter.kind === 'not') return textsOf(filter.part);
  return filter.kind === 'text' ? [filter.property] : [];
}
