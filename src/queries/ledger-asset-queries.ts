import { z } from 'zod';
import { ASSET_PROPERTIES } from '../core/assets/asset-properties.ts';
import { ledgerHours, type Window } from '../core/coverage.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import { type Clock, HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { parseMoney } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import { assetStatement, providerIdsStatement } from './asset-statements.ts';
import type { AssetAmounts, AssetCosts, AssetQueries, AssetQuestion, AssetRow, Assets } from './assets.ts';
import { coverageOf } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import type { LedgerLook } from './evidence.ts';
import { type GrainPlan, grainParams, grainsOf } from './grain.ts';
import { readLedgerView, viewRequest } from './ledger-view.ts';
import { ratesOf } from './money-sums.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly rates: Pick<ExchangeRates, 'list'>;
  readonly clock: Clock;
}

/** Rows of one answer, over all of its sets. */
const ROWS_MAX = 100_000;

const Row = z.object({
  set_s: z.number(),
  keys: z.array(z.string()),
  assets: z.number(),
  common: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  first_s: z.number(),
  last_s: z.number(),
  first_gap_ms: z.number(),
  last_run_ms: z.number(),
  amounts: z.array(z.number()),
  costs: z.array(z.string()),
});
type Row = z.infer<typeof Row>;

const ProviderId = z.object({ cluster_id: z.string(), id: z.string() });

/** Answers asset questions from the ledger. Throws `query_too_large` for an answer of more than `ROWS_MAX` rows. */
export function createAssetQueries(deps: Deps): AssetQueries {
  return { sets: (question, signal, look) => answer(deps, { question, look }, signal) };
}

async function answer(
  { columnar, clusters, rates, clock }: Deps,
  { question, look }: { question: AssetQuestion; look: LedgerLook | undefined },
  signal?: AbortSignal,
): Promise<Assets> {
  const hours = ledgerHours({ start: question.sets[0]?.start ?? 0, end: question.sets.at(-1)?.end ?? 0 });
  const [known, conversion] = await Promise.all([clusters.list(question.tenant), ratesOf(rates, question, hours)]);
  const seen = known.filter(({ id }) => question.onlyCluster === null || id === question.onlyCluster);
  const now = clock.now();
  const view = look?.view ?? (await readLedgerView(columnar, viewRequest(question, { clusters: seen, now }), signal));
  const asked = seen.filter(({ id }) => view.clusters.has(id));
  const window = {
    tenant: question.tenant,
    clusters: asked.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const ask = { question, hours, plan: view.plan, clusters: asked, params: { ...window, ...conversion } };
  const rows = await readAssets(columnar, ask, signal);
  if (rows.length > ROWS_MAX) throw tooLarge();
  const bySet = Map.groupBy(rows, ({ set_s }) => set_s * SECOND_MS);
  return {
    sets: question.sets.map((set) => ({
      window: set,
      rows: rowsOfSet(bySet, set).map((row) => assetRow(row, set, now)),
    })),
    coverage: coverageOf({ ...hours, now, clusters: asked, filter: question.filter }, view.coverage),
    currency: question.currency ?? LEDGER_CURRENCY,
  };
}

interface LedgerAsk {
  readonly question: AssetQuestion;
  /** Those of the window. */
  readonly hours: Window;
  readonly plan: GrainPlan;
  readonly clusters: readonly Cluster[];
  readonly params: Readonly<Record<string, unknown>>;
}

async function readAssets(
  columnar: Columnar,
  { question, hours, plan, clusters, params }: LedgerAsk,
  signal?: AbortSignal,
): Promise<Row[]> {
  const grains = grainsOf(plan, hours);
  const bound = { ...params, ...grainParams(plan, hours) };
  const providers = await columnar.rows({ sql: providerIdsStatement(grains), params: bound, row: ProviderId }, signal);
  const names = clusterParams(clusters, new Map(providers.map(({ cluster_id, id }) => [cluster_id, id])));
  const { sql, params: more } = assetStatement(question, grains, ROWS_MAX + 1);
  return columnar.rows({ sql, params: { ...bound, ...names, ...more }, row: Row }, signal);
}

function clusterParams(clusters: readonly Cluster[], providerIds: ReadonlyMap<string, string>) {
  return {
    cluster_ids: clusters.map(({ id }) => id),
    cluster_names: clusters.map(({ name }) => name),
    cluster_provider_ids: clusters.map(({ id }) => providerIds.get(id) ?? ''),
  };
}

/** A set without the start of an hour has none, though a set after it may begin at the same hour. */
function rowsOfSet(bySet: ReadonlyMap<number, Row[]>, set: Window): Row[] {
  const hours = ledgerHours(set);
  return hours.start === hours.end ? [] : (bySet.get(hours.start) ?? []);
}

function assetRow(row: Row, window: Window, now: number): AssetRow {
  return {
    values: row.keys,
    assets: row.assets,
    properties: propertiesOf(row.common),
    labels: row.labels,
    ...runOf(row, window, now),
    amounts: amountsOf(row.amounts),
    costs: costsOf(row.costs),
  };
}

function propertiesOf(common: readonly string[]): AssetRow['properties'] {
  const text = (property: (typeof ASSET_PROPERTIES)[number]) => common[ASSET_PROPERTIES.indexOf(property)] ?? '';
  return {
    type: text('type'),
    category: text('category'),
    provider: text('provider'),
    account: text('account'),
    project: text('project'),
    cluster: text('cluster'),
    service: text('service'),
    providerId: text('providerId'),
    name: text('name'),
    namespace: text('namespace'),
    zone: text('zone'),
    region: text('region'),
    instanceType: text('instanceType'),
    pool: text('pool'),
    storageClass: text('storageClass'),
    claim: text('claim'),
    ip: text('ip'),
  };
}

/**
 * A run begins so late in its first hour that it fills the rest, ends so early in its last, and never goes beyond the window or
 * now. Of one hour alone nobody knows which part of it ran: then it begins with it.
 */
function runOf({ first_s, last_s, first_gap_ms, last_run_ms }: Row, window: Window, now: number): Window {
  const from = first_s * SECOND_MS + (first_s === last_s ? 0 : first_gap_ms);
  const start = Math.max(window.start, from);
  const until = Math.min(window.end, Math.max(now, start));
  return { start, end: Math.max(start, Math.min(until, last_s * SECOND_MS + (last_run_ms || HOUR_MS))) };
}

/** In the order of assets.sql. */
function amountsOf(amounts: readonly number[]): AssetAmounts {
  const at = (index: number) => amounts[index] ?? 0;
  return {
    cpuCoreSeconds: at(0),
    ramByteSeconds: at(1),
    gpuSeconds: at(2),
    cpuSystemCoreSeconds: at(3),
    cpuUserCoreSeconds: at(4),
    ramSystemByteSeconds: at(5),
    ramUserByteSeconds: at(6),
    coveredMs: at(7),
    spotMs: at(8),
    undiscounted: at(9),
    byteSeconds: at(10),
    mountedByteSeconds: at(11),
  };
}

function costsOf(costs: readonly string[]): AssetCosts {
  const at = (index: number) => parseMoney(costs[index] ?? '0');
  return { cpu: at(0), ram: at(1), gpu: at(2), other: at(3), adjustment: at(4) };
}

function tooLarge(): AppError {
  const message = `the answer has more than ${ROWS_MAX} assets; ask for fewer sets, by fewer keys, or filter`;
  return new AppError('query_too_large', message, { details: { rows_max: ROWS_MAX } });
}
