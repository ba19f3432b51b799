import { ledgerHours } from '../core/coverage.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { FILTER_COLUMNS, keysSql, type Reach, reachOf } from './allocation-columns.ts';
import type { AllocationQuestion } from './allocations.ts';
import { attachedLeaves } from './attached-leaves.ts';
import { filterSql } from './filter-sql.ts';
import { byWorkloadGrain, type Grains, HOURS_ALONE } from './grain.ts';
import { leafJoins } from './leaf-joins.ts';
import { moneySums } from './money-sums.ts';
import { fillSql, readSql } from './statements.ts';

export interface AllocationStatement {
  readonly sql: string;
  readonly params: Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;
}

const NO_MAP = `CAST(map(), 'Map(String, String)')`;
/** Of a row, whichever grain it is of. */
const DAY = 'toDate(c.at)';
const NO_LIST = `CAST([], 'Array(String)')`;
/** By instant, then by milliseconds, as one number: tuples take five times as long to compare. */
function ordered(ms: string): string {
  return `bitOr(bitShiftLeft(toUInt64(toUnixTimestamp(at)), 32), toUInt32(${ms}))`;
}
function lowHalf(number: string): string {
  return `bitAnd(${number}, 4294967295)`;
}
/** How long into its first hour a container began, and how far into its last it ran; of whole days nobody knows. */
const RAN = `toUInt32(${lowHalf(`min(${ordered('3600000 - least(run_ms, 3600000)')})`)}) AS first_gap_ms,
    toUInt32(${lowHalf(`max(${ordered('run_ms')})`)}) AS last_run_ms`;
const NOBODY = { kind: 'not', part: { kind: 'all' } } as const;

const COMMON = [
  ['namespace', 'common_namespace'],
  ['kind_of_controller', 'common_controller_kind'],
  ['controller', 'common_controller'],
] as const;

/** What all of a cut have the same of. Texts are dear to compare: of a long window that is a tenth of the answer. */
function commonSql([column, name]: (typeof COMMON)[number], isAsked: boolean): string {
  return isAsked ? `if(min(${column}) = max(${column}), any(${column}), '') AS ${name}` : `'' AS ${name}`;
}

/** What the question must read. */
export function reachOfQuestion({ keys, filter, share, details, ...question }: AllocationQuestion): Reach {
  const { idleBy, idle, splitIdle } = question;
  const reach = reachOf(keys, [filter, ...(share.rows ? [share.rows] : [])]);
  const isSplit = idle === 'share' || splitIdle || filter.kind !== 'all';
  const byNode = idleBy === 'node' && ((idle !== 'hide' && isSplit) || details?.assets === true);
  return { ...reach, containers: reach.containers || byNode || details?.peaks === true || details?.metadata === true };
}

interface ContainerReach extends Reach {
  /** What is read where no container is asked for. */
  readonly grains: Grains;
}

/** What ran on nodes, and what stood idle on them; at most `rowsMax` cuts. */
export function containerStatement(
  question: AllocationQuestion,
  reach: ContainerReach,
  rowsMax: number,
): AllocationStatement {
  return ofContainers('allocations', { question, reach, rowsMax });
}

/** How many cuts `containerStatement` finds in each set: `set_s`, `cuts`. */
export function sizesStatement(question: AllocationQuestion, reach: ContainerReach): AllocationStatement {
  return ofContainers('allocation-sizes', { question, reach, rowsMax: question.sets.length });
}

interface ContainerCuts {
  readonly question: AllocationQuestion;
  readonly reach: ContainerReach;
  readonly rowsMax: number;
}

function ofContainers(name: string, { question, reach, rowsMax }: ContainerCuts): AllocationStatement {
  const { details } = question;
  const grains = reach.containers ? HOURS_ALONE : reach.grains;
  return statement(
    name,
    { question, rowsMax },
    {
      ran: reach.containers ? RAN : '0 AS first_gap_ms, 0 AS last_run_ms',
      place: question.idleBy === 'node' && reach.containers ? 'node' : `''`,
      cpu_peak: details?.peaks ? 'max(c.cpu_usage_max_millicores)' : '0',
      ram_peak: details?.peaks ? 'toFloat64(max(c.ram_usage_max_bytes))' : '0',
      leaves: byWorkloadGrain('allocation', grains).join('\nUNION ALL\n'),
      joins: leafJoins(reach),
    },
  );
}

/** What is paid for beside nodes; by name where that is asked. Its days hold all that its hours do, so any question may read them. */
export function attachmentStatement(
  question: AllocationQuestion,
  grains: Grains,
  rowsMax: number,
): AllocationStatement {
  const thing = question.details?.attachments ? 'c.name' : `''`;
  const joins = leafJoins({ ...reachOfQuestion(question), nodes: false });
  const leaves = attachedLeaves(grains);
  return statement('allocation-attachments', { question, rowsMax, balancers: IS_BALANCER }, { thing, joins, leaves });
}

type Texts = Readonly<Record<string, string>>;

interface Cuts {
  readonly question: AllocationQuestion;
  readonly rowsMax: number;
  /** What tells load balancers from other rows, where there are any. */
  readonly balancers?: string;
}

const IS_BALANCER = `what = 'balancer'`;
const BALANCERS_NAME = 'loadBalancers';

function statement(name: string, { question, rowsMax, balancers = 'false' }: Cuts, more: Texts): AllocationStatement {
  const { filter, share, sets, details } = question;
  const asked = filterSql(filter, FILTER_COLUMNS, 'filter_');
  const shared = filterSql(share.rows ?? NOBODY, FILTER_COLUMNS, 'shared_');
  const values = keysSql(question.keys);
  const isBalancer = share.balancers === true ? balancers : 'false';
  const names = sharedKeys(share.parts ?? [], isBalancer);
  const common = COMMON.map((column) => commonSql(column, details?.common === true)).join(', ');
  const cuts = {
    shared: `(${isBalancer} OR ${shared.sql})`,
    asked: asked.sql,
    ...keyColumns(values.values, names.sql),
    common,
  };
  const latest = name === 'allocation-attachments' ? 'c.last_at' : 'c.at';
  const starts = sets.map((set) => ledgerHours(set)).filter(({ start, end }) => start < end);
  return {
    sql: moneySums(
      fillSql(withCutRows(readSql(name)), { ...cuts, ...metadata(question, latest), ...more }),
      question,
      DAY,
    ),
    params: {
      ...asked.params,
      ...shared.params,
      ...values.params,
      ...names.params,
      set_starts: starts.length === 0 ? [0] : starts.map(({ start }) => start / SECOND_MS),
      keeps_other_keys: share.split === 'even' || question.idleSplit === 'even',
      rows_max: rowsMax,
    },
  };
}

function withCutRows(sql: string): string {
  return sql.replace('{{cut_rows}}', () => readSql('allocation-cut-rows'));
}

/** What allows a cut to have the keys of its rows, in the words of both statements. */
const HAS_KEYS = `(kind = 'allocation' AND (part = 'asked' OR (part = 'other' AND {keeps_other_keys:Bool})))`;
const IS_SHARED = `(kind = 'allocation' AND part = 'shared')`;

/** Keys as columns to group by, and the list that they make: of shared rows, which of the named filters chose them. */
function keyColumns(values: readonly string[], sharedBy: string) {
  const named = values.map((value, index) => ({ name: `key_value_${index}`, value: `if(${HAS_KEYS}, ${value}, '')` }));
  const columns = [...named, { name: 'shared_by', value: `if(${IS_SHARED}, ${sharedBy}, '')` }];
  const list = values.length === 0 ? NO_LIST : `[${named.map(({ name }) => name).join(', ')}]`;
  return {
    key_values: columns.map(({ name, value }) => `${value} AS ${name}`).join(', '),
    key_names: columns.map(({ name }) => name).join(', '),
    keys: `multiIf(${HAS_KEYS}, ${list}, shared_by = '', ${NO_LIST}, [shared_by])`,
  };
}

/** Which of the named filters chose a shared row: the first that does, else that it is a load balancer. */
function sharedKeys(parts: NonNullable<AllocationQuestion['share']['parts']>, isBalancer: string) {
  const params: Record<string, string | readonly string[]> = {};
  const cases = parts.map(({ name, filter }, index) => {
    const condition = filterSql(filter, FILTER_COLUMNS, `part_${index}_`);
    Object.assign(params, condition.params, { [`part_${index}_name`]: name });
    return `${condition.sql}, {part_${index}_name:String}`;
  });
  return { sql: `multiIf(${[...cases, `${isBalancer}, '${BALANCERS_NAME}'`].join(', ')}, '')`, params };
}

/** Labels and annotations: of pods, the latest; of other rows, those that all of the row have, where that is asked. */
function metadata({ keys, details }: AllocationQuestion, at: string): Record<'labels' | 'annotations', string> {
  const ofPods = keys.some((key) => key.kind === 'text' && key.property === 'pod');
  const of = (column: 'labels' | 'annotations') => {
    const map = `CAST(c.${column}, 'Map(String, String)')`;
    if (ofPods) return `argMaxIf(${map}, ${at}, part = 'asked')`;
    if (!details?.metadata) return NO_MAP;
    return `CAST(groupArrayIntersect(CAST(${map}, 'Array(Tuple(String, String))')), 'Map(String, String)')`;
  };
  return { labels: of('labels'), annotations: ofPods || details?.metadata ? of('annotations') : NO_MAP };
}
