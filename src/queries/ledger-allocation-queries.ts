import { z } from 'zod';
import { ledgerHours, type Window } from '../core/coverage.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import type { Reach } from './allocation-columns.ts';
import { AttachmentCut, ContainerCut, type LedgerCut, ofAttachments, ofContainers } from './allocation-cuts.ts';
import { settleSet } from './allocation-rows.ts';
import { attachmentStatement, containerStatement, reachOfQuestion } from './allocation-statements.ts';
import type { AllocationQueries, AllocationQuestion, Allocations } from './allocations.ts';
import { readCoverage } from './coverage.ts';
import { type GrainPlan, grainsOf, planGrain } from './grain.ts';
import { ratesOf } from './money-sums.ts';
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
  return { sets: (question, signal) => answer(deps, question, signal) };
}

async function answer(
  { columnar, clusters, rates, clock }: Deps,
  question: AllocationQuestion,
  signal?: AbortSignal,
): Promise<Allocations> {
  const hours = ledgerHours({ start: question.sets[0]?.start ?? 0, end: question.sets.at(-1)?.end ?? 0 });
  const [known, conversion] = await Promise.all([clusters.list(question.tenant), ratesOf(rates, question, hours)]);
  const asked = known.filter(({ id }) => question.onlyCluster === null || id === question.onlyCluster);
  const now = clock.now();
  const request = { tenant: question.tenant, ...hours, now };
  const window = {
    tenant: question.tenant,
    clusters: asked.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const possible = reachOfQuestion(question);
  const cuts = question.sets.map((set) => ledgerHours(set).start);
  const params = { ...window, ...clusterNames(asked), ...conversion };
  const [coverage, grain, needsHours, attachments] = await Promise.all([
    readCoverage(columnar, { ...request, clusters: asked, step: 'week', params: window }, signal),
    possible.hours ? undefined : planGrain(columnar, { ...request, clusters: window.clusters, cuts }, signal),
    isAnnotated(columnar, { reach: possible, window }, signal),
    readAttachments(columnar, { question, params }, signal),
  ]);
  const grains = grain ? grainsOf(grain, hours) : { days: false, hours: true };
  const reach = { ...possible, hours: possible.hours || needsHours, grains };
  const { sql, params: more } = containerStatement(question, reach, CUTS_MAX + 1);
  const days = grainParams(needsHours ? undefined : grain);
  const read = { sql, params: { ...params, ...days, ...more }, row: ContainerCut };
  const containers = await columnar.rows(read, signal);
  if (containers.length + attachments.length > CUTS_MAX) throw tooLarge();
  const bySet = Map.groupBy([...containers.map(ofContainers), ...attachments.map(ofAttachments)], ({ setMs }) => setMs);
  const names = new Map(asked.map(({ id, name }) => [id, name]));
  const context = { question, names, now, toTheDay: !reach.hours };
  return {
    sets: question.sets.map((set) => ({
      window: set,
      rows: settleSet(cutsOfSet(bySet, set), { ...context, window: set }),
    })),
    coverage: coverage.answer,
    currency: question.currency ?? LEDGER_CURRENCY,
  };
}

/** Of these cuts so many are left to volumes and balancers by name, where that is asked; with more, they have no names. */
const NAMED_MAX = CUTS_MAX / 2;

interface AttachmentAsk {
  readonly question: AllocationQuestion;
  readonly params: Readonly<Record<string, unknown>>;
}

async function readAttachments(columnar: Columnar, { question, params }: AttachmentAsk, signal?: AbortSignal) {
  const read = async (asked: AllocationQuestion) => {
    const { sql, params: more } = attachmentStatement(asked, CUTS_MAX + 1);
    return columnar.rows({ sql, params: { ...params, ...more }, row: AttachmentCut }, signal);
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
  readonly window: Readonly<Record<string, string | readonly string[]>>;
}

/** Whether an annotation stands in anywhere for a label that is asked about by its alias: then only hours can tell. */
async function isAnnotated(
  columnar: Columnar,
  { reach, window }: AnnotationAsk,
  signal?: AbortSignal,
): Promise<boolean> {
  if (reach.hours || reach.aliases.length === 0) return false;
  const params = { ...window, annotation_names: reach.aliases };
  const found = await columnar.rows({ sql: readSql('allocation-annotated'), params, row: Found }, signal);
  return found.length > 0;
}

const Found = z.object({ found: z.number() });

function clusterNames(clusters: readonly Cluster[]) {
  return { cluster_ids: clusters.map(({ id }) => id), cluster_names: clusters.map(({ name }) => name) };
}

function grainParams(grain: GrainPlan | undefined) {
  return {
    day_from: grain?.dayFrom ?? '1970-01-01',
    day_to: grain?.dayTo ?? '1970-01-01',
    exception_clusters: grain?.exceptions.map(([cluster]) => cluster) ?? [],
    exception_days: grain?.exceptions.map(([, day]) => day) ?? [],
  };
}

function tooLarge(): AppError {
  const message = `the answer has more than ${CUTS_MAX} rows before they are shared out; ask for fewer sets, fewer keys, or filter`;
  return new AppError('query_too_large', message, { details: { rows_max: CUTS_MAX } });
}

function engineInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
