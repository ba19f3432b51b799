import { z } from 'zod';
import { sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { AllocationQuestion, AllocationRow } from './allocations.ts';
import { NAMESPACES_TOLD, SERVICES_TOLD } from './leaf-joins.ts';
import { readSql } from './statements.ts';

/** Tells of a row what stands beside the ledger: of its namespace, of the services before its pods, of the nodes it has a part of. */
export type Describe = (row: AllocationRow) => AllocationRow;

interface DescriptionAsk {
  readonly question: Pick<AllocationQuestion, 'details' | 'idleBy'>;
  /** Tenant, clusters and window, as statements are bound to them. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of clusters by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Reads what was told of the window, as far as the question asks for it. */
export async function readDescriptions(
  columnar: Columnar,
  ask: DescriptionAsk,
  signal?: AbortSignal,
): Promise<Describe> {
  const { details, idleBy } = ask.question;
  const describes = await Promise.all([
    details?.namespaces ? readNamespaces(columnar, ask, signal) : asItIs,
    details?.assets && idleBy === 'node' ? readProviderIds(columnar, ask, signal) : asItIs,
  ]);
  return (row) => describes.reduce((described, describe) => describe(described), row);
}

const asItIs: Describe = (row) => row;

/** Namespaces, and nodes, of one answer; what is told of any beyond is left out. */
const PLACES_MAX = 50_000;

const Texts = z.record(z.string(), z.string());
const Namespace = z.object({ cluster: z.string(), place: z.string(), labels: Texts, annotations: Texts });
const Selectors = z.object({
  cluster: z.string(),
  place: z.string(),
  selectors: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))])),
});
const Provider = z.object({ cluster: z.string(), place: z.string(), provider_id: z.string() });

const NAMESPACES = `SELECT toString(told_cluster) AS cluster, told_namespace AS place, namespace_labels AS labels, namespace_annotations AS annotations
FROM (${NAMESPACES_TOLD}) LIMIT {places_max:UInt32}`;
const SERVICES = `SELECT toString(selecting_cluster) AS cluster, selecting_namespace AS place, selectors
FROM (${SERVICES_TOLD}) LIMIT {places_max:UInt32}`;
const PROVIDERS = `SELECT toString(n.cluster) AS cluster, n.node AS place, n.provider_id AS provider_id
FROM (${readSql('allocation-nodes')}) AS n LIMIT {places_max:UInt32}`;

const NOTHING_TOLD = { labels: {}, annotations: {}, services: [] } as const;

/** Rows of several namespaces, and those that are nobody's, stay as they are. */
async function readNamespaces(columnar: Columnar, ask: DescriptionAsk, signal?: AbortSignal): Promise<Describe> {
  const params = { ...ask.params, places_max: PLACES_MAX };
  const [namespaces, services] = await Promise.all([
    columnar.rows({ sql: NAMESPACES, params, row: Namespace }, signal),
    columnar.rows({ sql: SERVICES, params, row: Selectors }, signal),
  ]);
  const [namespaceAt, selectorsAt] = [placed(namespaces, ask), placed(services, ask)];
  return (row) => {
    const { cluster, namespace } = row.common;
    if (row.kind !== 'allocation' || cluster === '' || namespace === '') return row;
    const told = namespaceAt(cluster, namespace);
    const selecting = selectorsAt(cluster, namespace);
    if (told === undefined && selecting === undefined) return { ...row, described: NOTHING_TOLD };
    const { labels = {}, annotations = {} } = told ?? {};
    const texts = Object.entries(row.details?.labels ?? row.labels);
    const ofPods = new Map(texts.map(([name, value]) => [bare(name), value]));
    const chosen = (selecting?.selectors ?? []).filter(([, selector]) =>
      selector.every(([name, value]) => ofPods.get(name) === value),
    );
    return { ...row, described: { labels, annotations, services: chosen.map(([service]) => service) } };
  };
}

/** What providers call the nodes that a row has a part of. */
async function readProviderIds(columnar: Columnar, ask: DescriptionAsk, signal?: AbortSignal): Promise<Describe> {
  const params = { ...ask.params, places_max: PLACES_MAX };
  const providerAt = placed(await columnar.rows({ sql: PROVIDERS, params, row: Provider }, signal), ask);
  return (row) => {
    if (!row.details) return row;
    const assetShares = row.details.assetShares.map((share) => {
      const { provider_id: providerId = '' } = providerAt(share.cluster, share.node) ?? {};
      return providerId === '' ? share : { ...share, providerId };
    });
    return { ...row, details: { ...row.details, assetShares } };
  };
}

/** Rows by their cluster's name and their place in it. */
function placed<T extends { cluster: string; place: string }>(rows: readonly T[], { names }: DescriptionAsk) {
  const keyOf = (cluster: string, place: string) => JSON.stringify([cluster, place]);
  const known = new Map(rows.map((row) => [keyOf(names.get(row.cluster) ?? row.cluster, row.place), row]));
  return (cluster: string, place: string) => (known.size === 0 ? undefined : known.get(keyOf(cluster, place)));
}

function bare(name: string): string {
  return sanitizeLabelName(name.replace(/^label_/u, ''));
}
