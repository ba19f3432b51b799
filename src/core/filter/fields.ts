import { ALIASES, type Alias } from '../allocation-properties.ts';

/** Fields that hold one text. */
export const TEXT_FIELDS = {
  cluster: 'cluster',
  node: 'node',
  namespace: 'namespace',
  controllerName: 'controller',
  controllerKind: 'controllerKind',
  container: 'container',
  pod: 'pod',
  provider: 'providerId',
  providerID: 'providerId',
} as const;
/** The property that a text field asks about. */
export type TextProperty = (typeof TEXT_FIELDS)[keyof typeof TEXT_FIELDS];

/** Fields that hold texts by key; with `[key]` they ask about one value, without about the keys. */
export const MAP_FIELDS = {
  label: 'labels',
  annotation: 'annotations',
  namespaceLabel: 'namespaceLabels',
} as const;
export type MapProperty = (typeof MAP_FIELDS)[keyof typeof MAP_FIELDS];

/** What a name in a filter stands for. */
export type FieldTarget<P extends string = TextProperty> =
  | { readonly kind: 'text'; readonly property: P }
  | { readonly kind: 'list' }
  | { readonly kind: 'map'; readonly property: MapProperty }
  | { readonly kind: 'alias'; readonly alias: Alias };

/** Names are written exactly so: `controllerKind` is a field and `controllerkind` is none. */
export type FilterFields<P extends string = TextProperty> = ReadonlyMap<string, FieldTarget<P>>;

export const ALLOCATION_FIELDS: FilterFields = new Map<string, FieldTarget>([
  ...Object.entries(TEXT_FIELDS).map(([name, property]) => [name, { kind: 'text', property }] as const),
  ['services', { kind: 'list' }],
  ...Object.entries(MAP_FIELDS).map(([name, property]) => [name, { kind: 'map', property }] as const),
  ...ALIASES.map((alias) => [alias, { kind: 'alias', alias }] as const),
]);
