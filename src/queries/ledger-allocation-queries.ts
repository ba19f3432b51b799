import { z } from 'zod';
import { ledgerHours, type Window } from '../core/coverage.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import type { Reach } from './allocation-columns.ts';
import { AttachmentCut, CONTAINER_CUTS, type LedgerCut, ofAttachments, ofContainers } from './allocation-cuts.ts';
import { settleSet } from './allocation-rows.ts';
import { attachmentStatement, containerStatement, reachOfQuestion } from './allocation-statements.ts';
import type { AllocationQueries, AllocationQuestion, Allocations } from './allocations.ts';
import { coverageOf } from './coverage.ts';
import type { LedgerLook } from './evidence.ts';
import { type GrainPlan, grainParams, grainsOf } from './grain.ts';
import { readLedgerView, viewRequest } from './ledger-view.ts';
import { ratesOf } from './money-sums.ts';
import { readDescriptions } from './row-descriptions.ts';
import { readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly rates: Pick<ExchangeRates, 'list'>;
  readonly clock: Clock;
}

/** Cuts of the ledger that one answer is made of: sets × places × keys. */
const CUTS_MAX = 100_000;

/** Answers allocation questions from the ledger. Throws `query_too_large` for an answer of more than `CUTS_MAX` cuts. */
export function createAllocationQueries(deps: Deps): AllocationQueries {
  return { sets: (question, signal, look) => answer(deps, { question, look }, signal) };
}

async function answer(
  { columnar, clusters, rates, clock }: Deps,
  { question, look }: { question: AllocationQuestion; look: LedgerLook | undefined },
  signal?: AbortSignal,
): Promise<Allocations> {
  const hours = ledgerHours({ start: question.sets[0]?.start ?? 0, end: question.sets.at(-1)?.end ?? 0 });
  const [known, conversion] = await Promise.all([clusters.list(question.tenant), ratesOf(rates, question, hours)]);
  const asked = known.filter(({ id }) => question.onlyCluster === null || id === question.onlyCluster);
  const now = clock.now();
  const window = {
    tenant: question.tenant,
    clusters: asked.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const params = { ...window, ...clusterNames(asked), ...conversion };
  const view = look?.view ?? (await readLedgerView(columnar, viewRequest(question, { clusters: asked, now }), signal));
  const ask = { question, params, hours, plan: view.plan };
  const names = new Map(asked.map(({ id, name }) => [id, name]));
  const [{ containers, toTheDay }, attachments, describe] = await Promise.all([
    readContainers(columnar, ask, signal),
    readAttachments(columnar, ask, signal),
    readDescriptions(columnar, { question, params: window, names }, signal),
  ]);
  if (containers.length + attachments.length > CUTS_MAX) throw tooLarge();
  const bySet = Map.groupBy([...ofContainers(containers), ...attachments.map(ofAttachments)], ({ setMs }) => setMs);
  const context = { question, names, now, toTheDay };
  return {
    sets: question.sets.map((set) => {
      const rows = settleSet(cutsOfSet(bySet, set), { ...context, window: set });
      return { window: set, rows: rows.map(describe) };
    }),
    coverage: coverageOf({ ...hours, now, clusters: asked, filter: question.filter }, view.coverage),
    currency: question.currency ?? LEDGER_CURRENCY,
  };
}

interface LedgerAsk {
  readonly question: AllocationQuestion;
  readonly params: Readonly<Record<string, unknown>>;
  /** Those of the window. */
  readonly hours: Window;
  readonly plan: GrainPlan;
}

/** What ran on nodes and stood idle on them, and whether nothing finer than days was asked of it. */
async function readContainers(columnar: Columnar, { question, params, hours, plan }: LedgerAsk, signal?: AbortSignal) {
  const possible = reachOfQuestion(question);
  const byContainer = possible.containers || (await isAnnotated(columnar, { reach: possible, params }, signal));
  const grain = byContainer ? undefined : plan;
  const reach = { ...possible, containers: byContainer, grains: grainsOf(plan, hours) };
  const { sql, params: more } = containerStatement(question, reach, CUTS_MAX + 1);
  const read = { sql, params: { ...params, ...grainParams(grain), ...more }, kinds: CONTAINER_CUTS };
  return { containers: await columnar.columns(read, signal), toTheDay: !byContainer };
}

/** Of these cuts so many are left to volumes and balancers by name, where that is asked; with more, they have no names. */
const NAMED_MAX = CUTS_MAX / 2;

async function readAttachments(columnar: Columnar, { question, params, hours, plan }: LedgerAsk, signal?: AbortSignal) {
  const read = async (asked: AllocationQuestion) => {
    const { sql, params: more } = attachmentStatement(asked, grainsOf(plan, hours), CUTS_MAX + 1);
    return columnar.rows({ sql, params: { ...params, ...grainParams(plan), ...more }, row: AttachmentCut }, signal);
  };
  const rows = await read(question);
  if (rows.length <= NAMED_MAX || !question.details?.attachments) return rows;
  return read({ ...question, details: { ...question.details, attachments: false } });
}

/** A set without the start of an hour has none, though a set after it may begin at the same hour. */
function cutsOfSet(bySet: ReadonlyMap<number, LedgerCut[]>, set: Window): LedgerCut[] {
  const hours = ledgerHours(set);
  return hours.start === hours.end ? [] : (bySet.get(hours.start) ?? []);
}

interface AnnotationAsk {
  readonly reach: Reach;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Whether an annotation stands in anywhere for a label that is asked about by its alias: then only hours can tell. */
async function isAnnotated(
  columnar: Columnar,
  { reach, params }: AnnotationAsk,
  signal?: AbortSignal,
): Promise<boolean> {
  if (reach.aliases.length === 0) return false;
  const asked = { ...params, annotation_names: reach.aliases };
  const found = await columnar.rows({ sql: readSql('allocation-annotated'), params: asked, row: Found }, signal);
  return found.length > 0;
}

const Found = z.object({ found: z.number() });

function clusterNames(clusters: readonly Cluster[]) {
  return { cluster_ids: clusters.map(({ id }) => id), cluster_names: clusters.map(({ name }) => name) };
}

function tooLarge(): AppError {
  const message = `the answer has more than ${CUTS_MAX} rows before they are shared out; ask for fewer sets, fewer keys, or filter`;
  return new AppError('query_too_large', message, { details: { rows_max: CUTS_MAX } });
}

function engineInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
