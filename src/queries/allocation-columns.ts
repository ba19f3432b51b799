import { type AggregateKey, KINDS_OF_KEY } from '../core/aggregate/aggregate-keys.ts';
import { ALIASES, type Alias, DEFAULT_ALIASES, sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Filter } from '../core/filter/tree.ts';
import { POOL_LABELS } from '../core/pool-labels.ts';
import { type FilterColumns, sanitizedMapSql } from './filter-sql.ts';
import { type Beyond, bareLabelsSql } from './leaf-joins.ts';

const LABELS = bareLabelsSql('labels');
const ANNOTATIONS = sanitizedMapSql(`CAST(annotations, 'Map(String, String)')`);
const POOL = `arrayFirst(x -> x != '', arrayMap(k -> ${bareLabelsSql('node_labels')}[k], [${POOL_LABELS.map((label) => `'${label}'`).join(', ')}]))`;
/** A load balancer is its own service's; of anything else, those that choose its pod by its labels. */
const SERVICES = `if(notEmpty(services), services, arrayMap(x -> x.1, arrayFilter(x -> hasAll(CAST(${LABELS}, 'Array(Tuple(String, String))'), x.2), selectors)))`;

/** What keys and filters ask about, in the words of allocations.sql, with what is joined to its leaves (leaf-joins.ts). */
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

/** Most labels are stored under the name that is asked for; making names alike takes longer than all sums of a row. */
function labelValue(name: string): string {
  return `if(notEmpty(labels[${name}]), labels[${name}], ${LABELS}[${name}])`;
}

export const FILTER_COLUMNS: FilterColumns = {
  ...COLUMNS,
  labelValue,
  services: SERVICES,
  labels: LABELS,
  annotations: ANNOTATIONS,
  namespaceLabels: 'namespace_labels',
};

/** The values of keys, of type `String`. Names of labels are bound as `<prefix>0`, `<prefix>1`, … */
export function keysSql(keys: readonly AggregateKey[], prefix = 'key_') {
  const params: Record<string, string> = {};
  const bind = (name: string) => {
    const param = `${prefix}${Object.keys(params).length}`;
    params[param] = name;
    return `{${param}:String}`;
  };
  return { values: keys.map((key) => `toString(${valueSql(key, bind)})`), params };
}

function valueSql(key: AggregateKey, bind: (name: string) => string): string {
  const { controller, controllerKind } = COLUMNS;
  switch (key.kind) {
    case 'text':
      return COLUMNS[key.property];
    case 'controller':
      return `if(${controller} = '' OR controller_kind = '', ${controller}, concat(${controllerKind}, ':', ${controller}))`;
    case 'controllerOfKind':
      return `if(${controllerKind} IN (${KINDS_OF_KEY[key.controllerKind].map((kind) => `'${kind}'`).join(', ')}), ${controller}, '')`;
    case 'service':
      return `${SERVICES}[1]`;
    case 'map':
      return key.property === 'labels'
        ? labelValue(bind(key.key))
        : `${FILTER_COLUMNS[key.property]}[${bind(key.key)}]`;
    case 'alias': {
      const name = bind(aliasName(key.alias));
      return `multiIf(notEmpty(labels[${name}]), labels[${name}], has(mapKeys(${LABELS}), ${name}), ${LABELS}[${name}], ${ANNOTATIONS}[${name}])`;
    }
    default:
      return key satisfies never;
  }
}

function aliasName(alias: Alias): string {
  return sanitizeLabelName(DEFAULT_ALIASES[alias]);
}

const BY_NODE = new Set(['providerId', 'zone', 'region', 'instanceType', 'pool']);
const BY_CONTAINER = new Set(['node', 'pod', 'container', ...BY_NODE]);
const ALIAS_NAMES: ReadonlySet<string> = new Set(ALIASES.map(aliasName));

/** What a question must read: containers hour by hour, where it asks for more than workloads, and what is told beyond them. */
export interface Reach extends Beyond {
  readonly containers: boolean;
  /** Annotations that stand in for a label which is not there: only containers hold them, where any has one. */
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
    containers: others.length > 0 || asked.some((name) => BY_CONTAINER.has(name)),
    nodes: asked.some((name) => BY_NODE.has(name)),
    namespaces: keys.some(isOfNamespace) || filtered.some(isOfNamespace),
    services: keys.some(({ kind }) => kind === 'service') || filtered.some(({ kind }) => kind === 'services'),
    aliases: [...new Set(annotations)],
  };
}

function isOfNamespace(asked: AggregateKey | Filter): boolean {
  return 'property' in asked && asked.property === 'namespaceLabels';
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
