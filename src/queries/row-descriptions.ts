import { z } from 'zod';
import { sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { AllocationRow } from './allocations.ts';
import { NAMESPACES_TOLD, SERVICES_TOLD } from './leaf-joins.ts';

/** Tells of a row what its namespace says of itself, and which services stand before its pods. */
export type Describe = (row: AllocationRow) => AllocationRow;

interface DescriptionAsk {
  /** Tenant, clusters and window, as statements are bound to them. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of clusters by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Namespaces of one answer; rows of any beyond are told without. */
const NAMESPACES_MAX = 50_000;

const Texts = z.record(z.string(), z.string());
const Namespace = z.object({ cluster: z.string(), namespace: z.string(), labels: Texts, annotations: Texts });
const Selectors = z.object({
  cluster: z.string(),
  namespace: z.string(),
  selectors: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))])),
});

/** Reads what was told of the window. Rows of several namespaces, and those that are nobody's, stay as they are. */
export async function readDescriptions(
  columnar: Columnar,
  { params, names }: DescriptionAsk,
  signal?: AbortSignal,
): Promise<Describe> {
  const bound = { ...params, namespaces_max: NAMESPACES_MAX };
  const [namespaces, services] = await Promise.all([
    columnar.rows({ sql: NAMESPACES, params: bound, row: Namespace }, signal),
    columnar.rows({ sql: SERVICES, params: bound, row: Selectors }, signal),
  ]);
  const keyOf = (cluster: string, namespace: string) => JSON.stringify([cluster, namespace]);
  const placed = <T extends { cluster: string; namespace: string }>(rows: readonly T[]) =>
    new Map(rows.map((row) => [keyOf(names.get(row.cluster) ?? row.cluster, row.namespace), row]));
  const [namespaceOf, selectorsOf] = [placed(namespaces), placed(services)];
  return (row) => {
    const { cluster, namespace } = row.common;
    if (row.kind !== 'allocation' || cluster === '' || namespace === '') return row;
    const key = keyOf(cluster, namespace);
    const { labels = {}, annotations = {} } = namespaceOf.get(key) ?? {};
    const ofPods = new Map(
      Object.entries(row.details?.labels ?? row.labels).map(([name, value]) => [bare(name), value]),
    );
    const chosen = (selectorsOf.get(key)?.selectors ?? []).filter(([, selector]) =>
      selector.every(([name, value]) => ofPods.get(name) === value),
    );
    return { ...row, described: { labels, annotations, services: chosen.map(([service]) => service) } };
  };
}

const NAMESPACES = `SELECT toString(told_cluster) AS cluster, told_namespace AS namespace, namespace_labels AS labels, namespace_annotations AS annotations
FROM (${NAMESPACES_TOLD}) LIMIT {namespaces_max:UInt32}`;
const SERVICES = `SELECT toString(selecting_cluster) AS cluster, selecting_namespace AS namespace, selectors
FROM (${SERVICES_TOLD}) LIMIT {namespaces_max:UInt32}`;

function bare(name: string): string {
  return sanitizeLabelName(name.replace(/^label_/u, ''));
}
