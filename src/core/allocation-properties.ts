/**
 * What an allocation is known by: the things that filters ask about and that aggregates are cut by. `''` and an empty
 * map or list stand for what is not known.
 */
export interface AllocationProperties {
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  /** In small letters, as OpenCost has it: `deployment`. */
  readonly controllerKind: string;
  readonly controller: string;
  readonly pod: string;
  readonly container: string;
  readonly providerId: string;
  readonly zone: string;
  readonly region: string;
  readonly instanceType: string;
  readonly pool: string;
  readonly services: readonly string[];
  /** Keys of all three as `sanitizeLabelName` leaves them. */
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly namespaceLabels: ReadonlyMap<string, string>;
}

/** Words of the OpenCost API for what is nobody's: costs without the property asked about, and volumes without a pod. */
export const UNALLOCATED = '__unallocated__';
export const UNMOUNTED = '__unmounted__';

const NOT_IN_A_NAME = /[^a-zA-Z0-9_]/gu;

/** A label's name as Prometheus may have it, which is how OpenCost speaks of labels: `app.kubernetes.io/name` → `app_kubernetes_io_name`. */
export function sanitizeLabelName(name: string): string {
  return name.replaceAll(NOT_IN_A_NAME, '_');
}

/** Words for what a label or, where it has none, an annotation of that name says: who the cost belongs to. */
export const ALIASES = ['department', 'environment', 'owner', 'product', 'team'] as const;
export type Alias = (typeof ALIASES)[number];

/** The label that each alias stands for. */
export type LabelAliases = Readonly<Record<Alias, string>>;

export const DEFAULT_ALIASES: LabelAliases = {
  department: 'department',
  environment: 'env',
  owner: 'owner',
  product: 'app',
  team: 'team',
};
