import { z } from 'zod';
import { ledgerHours, type Window, wholeOf } from '../core/coverage.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import { type Clock, HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import type { Reach } from './allocation-columns.ts';
import {
  AttachmentCut,
  CONTAINER_CUTS,
  type ContainerColumns,
  type LedgerCut,
  ofAttachments,
  ofContainers,
} from './allocation-cuts.ts';
import { settleSet } from './allocation-rows.ts';
import { attachmentStatement, containerStatement, reachOfQuestion, sizesStatement } from './allocation-statements.ts';
import type { AllocationQueries, AllocationQuestion, AllocationSet } from './allocations.ts';
import { coverageOf } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import type { LedgerLook } from './evidence.ts';
import { type GrainPlan, grainParams, grainsOf, planWithin } from './grain.ts';
import { readLedgerView, viewRequest } from './ledger-view.ts';
import { ratesOf } from './money-sums.ts';
import { readDescriptions } from './row-descriptions.ts';
import { batchesOf, oneAhead } from './set-batches.ts';
import { readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly rates: Pick<ExchangeRates, 'list'>;
  readonly clock: Clock;
}

/** Cuts of the ledger that one answer is made of: sets × places × keys. */
const CUTS_MAX = 100_000;
/** From so many on an answer is told set by set: below, all of it is there before a second statement would be planned. */
const LARGE_CUTS = 10_000;

/** Answers allocation questions from the ledger. Throws `query_too_large` for an answer of more than `CUTS_MAX` cuts. */
export function createAllocationQueries(deps: Deps, { largeCuts = LARGE_CUTS } = {}): AllocationQueries {
  const { columnar } = deps;
  return {
    async sets(question, signal, look) {
      const begun = await begin(deps, { question, look }, signal);
      const [containers, rest] = await Promise.all([readContainers(columnar, begun.ask, signal), begun.rest]);
      if (containers.length + rest.attachments.length > CUTS_MAX) throw tooLarge();
      const settle = settleAll(begun, rest);
      return { sets: settle(question.sets, containers), ...rest.told };
    },
    async setBySet(question, signal, look) {
      if ((await estimatedCuts(deps, question, signal)) < largeCuts) return undefined;
      const begun = await begin(deps, { question, look }, signal);
      const { ask } = begun;
      const read = (sets: readonly Window[]) => readContainers(columnar, askOfSets(ask, sets), signal);
      const [one, others] = [question.sets.slice(0, 1), question.sets.slice(1)];
      const sizing = readSizes(columnar, askOfSets(ask, others), signal);
      const [first, sizes, rest] = await Promise.all([read(one), sizing, begun.rest]);
      if (first.length + sizes.all + rest.attachments.length > CUTS_MAX) throw tooLarge();
      const batches = [one, ...batchesOf(others, sizes.ofSet)];
      return { sets: oneAhead(batches, { first, read, settle: settleAll(begun, rest) }), ...rest.told };
    },
  };
}

/** What is asked at once, whichever sets are asked together. */
async function begin(
  { columnar, clusters, rates, clock }: Deps,
  { question, look }: { question: AllocationQuestion; look: LedgerLook | undefined },
  signal?: AbortSignal,
) {
  const hours = hoursOf(question.sets);
  const [known, conversion] = await Promise.all([clustersAsked(clusters, question), ratesOf(rates, question, hours)]);
  const now = clock.now();
  const view = look?.view ?? (await readLedgerView(columnar, viewRequest(question, { clusters: known, now }), signal));
  const asked = known.filter(({ id }) => view.clusters.has(id));
  const window = windowParams(question, asked);
  const params = { ...window, ...clusterNames(asked), ...conversion };
  const names = new Map(asked.map(({ id, name }) => [id, name]));
  const byContainer = readsContainers(columnar, { question, params }, signal);
  const ask: LedgerAsk = { question, params, hours, plan: view.plan, byContainer };
  const read = Promise.all([
    readAttachments(columnar, ask, signal),
    readDescriptions(columnar, { question, params: window, names }, signal),
    byContainer,
  ]);
  const coverage = coverageOf({ ...hours, now, clusters: asked, filter: question.filter }, view.coverage);
  const rest = read.then(([attachments, describe, isByContainer]) => ({
    attachments,
    describe,
    toTheDay: !isByContainer,
    told: { coverage, currency: question.currency ?? LEDGER_CURRENCY },
  }));
  return { ask, rest, names, now };
}

/** The same of some of the sets. */
function askOfSets(ask: LedgerAsk, sets: readonly Window[]): LedgerAsk {
  const hours = hoursOf(sets);
  return { ...ask, question: { ...ask.question, sets }, hours };
}

function hoursOf(sets: readonly Window[]): Window {
  return ledgerHours(wholeOf(sets));
}

async function clustersAsked(
  clusters: Deps['clusters'],
  { tenant, onlyCluster }: AllocationQuestion,
): Promise<Cluster[]> {
  const known = await clusters.list(tenant);
  return known.filter(({ id }) => onlyCluster === null || id === onlyCluster);
}

function windowParams({ tenant, sets }: AllocationQuestion, asked: readonly Cluster[]) {
  return { tenant, clusters: asked.map(({ id }) => id), ...edgeParams(hoursOf(sets)) };
}

function edgeParams({ start, end }: Window) {
  return { start: engineInstant(start), end: engineInstant(end) };
}

type Begun = Awaited<ReturnType<typeof begin>>;

/** Makes the rows of sets of what was found of containers in them. */
function settleAll(
  { ask: { question }, names, now }: Begun,
  { attachments, describe, toTheDay }: Awaited<Begun['rest']>,
) {
  const attached = Map.groupBy(attachments.map(ofAttachments), ({ setMs }) => setMs);
  return (sets: readonly Window[], containers: ContainerColumns): AllocationSet[] => {
    const ran = Map.groupBy(ofContainers(containers), ({ setMs }) => setMs);
    return sets.map((set) => {
      const cuts = [...cutsOfSet(ran, set), ...cutsOfSet(attached, set)];
      const rows = settleSet(cuts, { question, names, now, toTheDay, window: set });
      return { window: set, rows: rows.map(describe) };
    });
  };
}

interface LedgerAsk {
  readonly question: AllocationQuestion;
  readonly params: Readonly<Record<string, unknown>>;
  /** Those of the window. */
  readonly hours: Window;
  readonly plan: GrainPlan;
  /** Whether nothing but containers can tell what is asked. */
  readonly byContainer: Promise<boolean>;
}

/** What ran on nodes and stood idle on them. */
async function readContainers(columnar: Columnar, ask: LedgerAsk, signal?: AbortSignal): Promise<ContainerColumns> {
  const { reach, params } = await leavesOf(ask);
  const { sql, params: more } = containerStatement(ask.question, reach, CUTS_MAX + 1);
  return columnar.columns({ sql, params: { ...params, ...more }, kinds: CONTAINER_CUTS }, signal);
}

/** How many cuts that will be. */
async function readSizes(columnar: Columnar, ask: LedgerAsk, signal?: AbortSignal) {
  const { reach, params } = await leavesOf(ask);
  const { sql, params: more } = sizesStatement(ask.question, reach);
  const rows = await columnar.rows({ sql, params: { ...params, ...more }, row: Size }, signal);
  const bySet = new Map(rows.map(({ set_s, cuts }) => [set_s * SECOND_MS, cuts]));
  return {
    all: rows.reduce((sum, { cuts }) => sum + cuts, 0),
    ofSet: (set: Window) => bySet.get(ledgerHours(set).start) ?? 0,
  };
}

const Size = z.object({ set_s: z.number(), cuts: z.number() });

async function leavesOf({ question, params, hours, plan, byContainer }: LedgerAsk) {
  const containers = await byContainer;
  const within = planWithin(plan, hours);
  const reach = { ...reachOfQuestion(question), containers, grains: grainsOf(within, hours) };
  return { reach, params: { ...params, ...grainParams(containers ? undefined : within, hours) } };
}

/** Of these cuts so many are left to volumes and balancers by name, where that is asked; with more, they have no names. */
const NAMED_MAX = CUTS_MAX / 2;

async function readAttachments(columnar: Columnar, { question, params, hours, plan }: LedgerAsk, signal?: AbortSignal) {
  const read = async (asked: AllocationQuestion) => {
    const { sql, params: more } = attachmentStatement(asked, grainsOf(plan, hours), CUTS_MAX + 1);
    return columnar.rows(
      { sql, params: { ...params, ...grainParams(plan, hours), ...more }, row: AttachmentCut },
      signal,
    );
  };
  const rows = await read(question);
  if (rows.length <= NAMED_MAX || !question.details?.attachments) return rows;
  return read({ ...question, details: { ...question.details, attachments: false } });
}

/**
 * How many cuts an answer of several sets will have, if as many containers ran in each as the ledger has in an hour: an estimate
 * that is made without reading anything. Coarser keys than pods make far fewer, and are not asked about: 0.
 */
async function estimatedCuts({ columnar, clusters }: Deps, question: AllocationQuestion, signal?: AbortSignal) {
  const { sets, keys } = question;
  const isFine = keys.some((key) => key.kind === 'text' && (key.property === 'pod' || key.property === 'container'));
  if (sets.length < 2 || !isFine) return 0;
  const params = windowParams(question, await clustersAsked(clusters, question));
  const read = { sql: readSql('allocation-estimate'), params, row: Estimate };
  const rows = (await columnar.rows(read, signal)).reduce((sum, row) => sum + row.rows, 0);
  const { start, end } = hoursOf(sets);
  return (rows / Math.max(1, (end - start) / HOUR_MS)) * sets.length;
}

const Estimate = z.object({ rows: z.coerce.number() });

/** A set without the start of an hour has none, though a set after it may begin at the same hour. */
function cutsOfSet(bySet: ReadonlyMap<number, readonly LedgerCut[]>, set: Window): readonly LedgerCut[] {
  const hours = ledgerHours(set);
  return hours.start === hours.end ? [] : (bySet.get(hours.start) ?? []);
}

/** Nothing finer than workloads is read where these hold all that is asked. */
async function readsContainers(
  columnar: Columnar,
  { question, params }: Pick<LedgerAsk, 'question' | 'params'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const reach = reachOfQuestion(question);
  return reach.containers || isAnnotated(columnar, { reach, params }, signal);
}

interface AnnotationAsk {
  readonly reach: Reach;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Whether an annotation stands in anywhere for a label that is asked about by its alias: then only containers can tell. */
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
