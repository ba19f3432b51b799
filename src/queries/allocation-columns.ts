import type { AggregateKey } from '../core/aggregate/aggregate-keys.ts';
import { ALIASES, type Alias, DEFAULT_ALIASES, sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Filter } from '../core/filter/tree.ts';
import { POOL_LABELS } from '../core/pool-labels.ts';
import { type FilterColumns, sanitizedMapSql } from './filter-sql.ts';

/** Operators and Prometheus write `label_` before a label's name. */
const bareLabels = (column: string) =>
  sanitizedMapSql(
    `mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), CAST(${column}, 'Map(String, String)'))`,
  );
const LABELS = bareLabels('labels');
const ANNOTATIONS = sanitizedMapSql(`CAST(annotations, 'Map(String, String)')`);
const POOL = `arrayFirst(x -> x != '', arrayMap(k -> ${bareLabels('node_labels')}[k], [${POOL_LABELS.map((label) => `'${label}'`).join(', ')}]))`;
const NO_MAP = `CAST(map(), 'Map(String, String)')`;

/** What keys and filters ask about, in the words of allocations.sql. Labels of namespaces are not in the ledger. */
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
  services: 'services',
  labels: LABELS,
  annotations: ANNOTATIONS,
  namespaceLabels: NO_MAP,
};

/** The value of a key, of type `String`. Names of labels are bound as `<prefix>0`, `<prefix>1`, … */
export function keysSql(keys: readonly AggregateKey[], prefix = 'key_') {
  const params: Record<string, string> = {};
  const bind = (name: string) => {
    const param = `${prefix}${Object.keys(params).length}`;
    params[param] = name;
    return `{${param}:String}`;
  };
  const values = keys.map((key) => `toString(${valueSql(key, bind)})`);
  return { sql: values.length === 0 ? `CAST([], 'Array(String)')` : `[${values.join(', ')}]`, params };
}

function valueSql(key: AggregateKey, bind: (name: string) => string): string {
  const { controller, controllerKind } = COLUMNS;
  switch (key.kind) {
    case 'text':
      return COLUMNS[key.property];
    case 'controller':
      return `if(${controller} = '' OR controller_kind = '', ${controller}, concat(${controllerKind}, ':', ${controller}))`;
    case 'controllerOfKind':
      return `if(${controllerKind} = '${key.controllerKind}', ${controller}, '')`;
    case 'service':
      return 'services[1]';
    case 'map':
      return `${FILTER_COLUMNS[key.property]}[${bind(key.key)}]`;
    case 'alias': {
      const name = bind(aliasName(key.alias));
      return `if(has(mapKeys(${LABELS}), ${name}), ${LABELS}[${name}], ${ANNOTATIONS}[${name}])`;
    }
    default:
      return key satisfies never;
  }
}

function aliasName(alias: Alias): string {
  return sanitizeLabelName(DEFAULT_ALIASES[alias]);
}

const BY_NODE = new Set(['providerId', 'zone', 'region', 'instanceType', 'pool']);
const BY_HOUR = new Set(['node', 'pod', 'container', ...BY_NODE]);
const ALIAS_NAMES: ReadonlySet<string> = new Set(ALIASES.map(aliasName));

/** What a question must read: hours, where it asks for more than workloads, and what is known of nodes. */
export interface Reach {
  readonly hours: boolean;
  readonly nodes: boolean;
  /** Annotations that stand in for a label which is not there: only hours hold them, where any container has one. */
  readonly aliases: readonly string[];
}

export function reachOf(keys: readonly AggregateKey[], filters: readonly Filter[]): Reach {
  const filtered = filters.flatMap(leavesOf);
  const asked = [
    ...keys.flatMap((key): string[] => (key.kind === 'text' ? [key.property] : [])),
    ...filtered.flatMap((leaf): string[] => (leaf.kind === 'text' ? [leaf.property] : [])),
  ];
  const annotations = [...keys.flatMap(annotationsOfKey), ...filtered.flatMap(annotationsOfFilter)];
  const others = annotations.filter((name) => !ALIAS_NAMES.has(name));
  return {
    hours: others.length > 0 || asked.some((name) => BY_HOUR.has(name)),
    nodes: asked.some((name) => BY_NODE.has(name)),
    aliases: [...new Set(annotations)],
  };
}

function annotationsOfKey(key: AggregateKey): string[] {
  if (key.kind === 'alias') return [aliasName(key.alias)];
  return key.kind === 'map' && key.property === 'annotations' ? [key.key] : [];
}

function annotationsOfFilter(leaf: Filter): readonly string[] {
  if (leaf.kind === 'keyed' && leaf.property === 'annotations') return [leaf.key];
  if (leaf.kind !== 'has-key' || leaf.property !== 'annotations') return [];
  return leaf.comparator === 'equals' ? leaf.values : [''];
}

function leavesOf(filter: Filter): Filter[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.parts.flatMap(leavesOf);
  return filter.kind === 'not' ? leavesOf(filter.part) : [filter];
}
