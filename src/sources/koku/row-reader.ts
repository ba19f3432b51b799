import type { HourFact } from '../../core/hour-facts.ts';
import { HOUR_MS, hourStart, MINUTE_MS } from '../../lib/clock.ts';
import { type Faults, note } from '../faults.ts';
import { NAME_CHARS_MAX, UNPRINTABLE } from '../fields.ts';
import { parseAmount, type Scale } from './amount.ts';
import type { Header } from './header.ts';
import { createLabelReader, type Labels } from './labels.ts';
import type { KokuLimits } from './limits.ts';
import type { MergedRow } from './merged-facts.ts';
import { createTimeReader } from './report-time.ts';
import { type IdentityField, INTERVAL_START, type Report } from './reports.ts';

/** What one row of a report states: a fact of its own, something to be merged with what other rows say, or both. */
export interface RowFacts {
  readonly fact: HourFact | null;
  readonly merged: MergedRow | null;
}

/** Where something is in a record. */
interface Cell {
  readonly index: number;
  readonly column: string;
}

interface TextCell extends Cell {
  readonly name: string;
}

interface AmountCell extends TextCell {
  readonly scale: Scale;
}

interface Plan {
  readonly report: Report;
  readonly start: Cell;
  readonly identity: readonly (Cell & { readonly field: IdentityField; readonly needed: boolean })[];
  readonly name: readonly (Cell & { readonly needed: boolean })[];
  readonly labels: Cell | null;
  readonly amounts: readonly AmountCell[];
  readonly texts: readonly TextCell[];
  /** The cells of a pod's row that are about its node. */
  readonly nodeAmounts: readonly AmountCell[];
  readonly nodeTexts: readonly TextCell[];
}

export interface RowContext {
  readonly now: number;
  /** When the report says it was made. */
  readonly statedAt: number;
  readonly limits: KokuLimits;
}

const QUARTER_MS = 15 * MINUTE_MS;
const TEXT_CHARS_MAX = 16_384;
const RESERVED_PREFIX = '__';
const NODE_AMOUNT = /_capacity_/;
const NO_LABELS: Labels = Object.freeze({});

/** Reads the records below a header, one by one. A fault is noted, and the row is then worth nothing. */
export function createRowReader(
  header: Header,
  context: RowContext,
): (record: readonly string[], faults: Faults) => RowFacts {
  const plan = planOf(header);
  const timing = { ...context, grain: header.report.grain };
  const readTime = createTimeReader();
  const readLabelText = createLabelReader();
  return (record, faults) => {
    if (record.length !== header.columns.length) {
      note(faults, '', `has ${record.length} columns, not ${header.columns.length}`);
    }
    const at = readStart(readTime(textAt(record, plan.start)), timing, faults);
    const labels = plan.labels ? readLabelText(textAt(record, plan.labels), plan.labels.column, faults) : NO_LABELS;
    const row = { ...readIdentity(plan, record, faults), at, labels };
    return factsOf({ plan, record, row, statedAt: context.statedAt }, faults);
  };
}

function planOf({ report, columns }: Header): Plan {
  const cell = (column: string): Cell => ({ index: columns.indexOf(column), column });
  const needed = new Set(report.needed);
  const named = <T extends object>(pairs: readonly (readonly [string, T])[]) =>
    pairs.map(([column, more]) => ({ ...cell(column), ...more })).filter(({ index }) => index >= 0);
  const amounts = named(Object.entries(report.amounts));
  const texts = named(Object.entries(report.texts).map(([column, name]) => [column, { name }] as const));
  const isPod = report.kind === 'pod';
  return {
    report,
    start: cell(INTERVAL_START),
    identity: named(
      (['node', 'namespace', 'pod', 'container'] as const).flatMap((field) => {
        const column = report.identity[field];
        return column === undefined ? [] : [[column, { field, needed: needed.has(column) }] as const];
      }),
    ),
    name: named(report.name.map((column) => [column, { needed: needed.has(column) }] as const)),
    labels: named(report.labels === undefined ? [] : [[report.labels, {}] as const])[0] ?? null,
    amounts: amounts.filter(({ name }) => !isPod || !NODE_AMOUNT.test(name)),
    texts: isPod ? [] : texts,
    nodeAmounts: amounts.filter(({ name }) => isPod && NODE_AMOUNT.test(name)),
    nodeTexts: isPod ? texts : [],
  };
}

function textAt(record: readonly string[], { index }: Cell): string {
  return record[index]?.trim() ?? '';
}

/** The instant, where it is one of an hour that may be stated. */
function readStart(at: number, { now, limits, grain }: RowContext & Pick<Report, 'grain'>, faults: Faults): number {
  if (Number.isNaN(at)) note(faults, INTERVAL_START, 'must be an instant such as 2026-01-31 14:00:00 +0000 UTC');
  else if (hourStart(at) > now + limits.futureMs) {
    note(faults, INTERVAL_START, `must be at most ${limits.futureMs / MINUTE_MS} minutes ahead of the server's clock`);
  } else if (hourStart(at) < limits.oldestHour) {
    note(
      faults,
      INTERVAL_START,
      `must not be before ${new Date(limits.oldestHour).toISOString()}, where the ledger begins`,
    );
  }
  // Taken for its hour, it would stand in for another row of that hour.
  else if (grain === 'hour' && at !== hourStart(at)) note(faults, INTERVAL_START, 'must be the start of an hour');
  return at;
}

type Identity = Record<IdentityField, string> & { readonly name: string };

function readIdentity({ identity, name, report }: Plan, record: readonly string[], faults: Faults): Identity {
  const found = { node: '', namespace: '', pod: '', container: '' };
  for (const cell of identity) found[cell.field] = readName(textAt(record, cell), cell, faults);
  if (found.namespace.startsWith(RESERVED_PREFIX)) {
    note(faults, report.identity.namespace ?? '', `must not begin with ${RESERVED_PREFIX}`);
  }
  const names = name.map((cell) => readName(textAt(record, cell), cell, faults));
  return { ...found, name: names.filter((text) => text !== '').join('/') };
}

function readName(text: string, { column, needed }: Cell & { readonly needed: boolean }, faults: Faults): string {
  if (text === '' && needed) note(faults, column, 'is required');
  return checkedText(text, { column, charsMax: NAME_CHARS_MAX }, faults);
}

function checkedText(text: string, { column, charsMax }: { column: string; charsMax: number }, faults: Faults): string {
  if (text.length > charsMax) note(faults, column, `must be at most ${charsMax} characters`);
  else if (UNPRINTABLE.test(text)) note(faults, column, 'must not contain control characters or unpaired surrogates');
  return text;
}

interface ReadRow {
  readonly plan: Plan;
  readonly record: readonly string[];
  readonly row: Identity & { readonly at: number; readonly labels: Labels };
  readonly statedAt: number;
}

function factsOf({ plan, record, row, statedAt }: ReadRow, faults: Faults): RowFacts {
  const { kind } = plan.report;
  const amounts = readAmounts(plan.amounts, record, faults);
  const texts = readTexts(plan.texts, record, faults);
  const { at, labels, ...identity } = row;
  const hour = hourStart(at);
  if (kind === 'node' || kind === 'namespace') {
    return { fact: null, merged: { kind, hour, name: identity[kind], amounts, texts, labels } };
  }
  const name = plan.report.grain === 'quarter' ? quarterOf(at - hour) : identity.name;
  const fact = { kind, hour, statedAt, ...identity, name, amounts, texts, labels };
  if (kind !== 'pod') return { fact, merged: null };
  const node = {
    amounts: readAmounts(plan.nodeAmounts, record, faults),
    texts: readTexts(plan.nodeTexts, record, faults),
  };
  return { fact, merged: { kind: 'node', hour, name: identity.node, ...node, labels: NO_LABELS } };
}

/** The minute at which a quarter of an hour begins: `00`, `15`, `30` or `45`. */
function quarterOf(ms: number): string {
  const minutes = (Math.floor((ms % HOUR_MS) / QUARTER_MS) * QUARTER_MS) / MINUTE_MS;
  return String(minutes).padStart(2, '0');
}

/** What is empty is not known, and left out: that is not zero. */
function readAmounts(cells: readonly AmountCell[], record: readonly string[], faults: Faults): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const cell of cells) {
    const text = textAt(record, cell);
    if (text === '') continue;
    const amount = parseAmount(text, cell.scale);
    if (Number.isNaN(amount)) note(faults, cell.column, 'must be a number, not negative, of at most 10^18 units');
    amounts[cell.name] = amount;
  }
  return amounts;
}

function readTexts(cells: readonly TextCell[], record: readonly string[], faults: Faults): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const cell of cells) {
    const text = textAt(record, cell);
    if (text !== '') texts[cell.name] = checkedText(text, { column: cell.column, charsMax: TEXT_CHARS_MAX }, faults);
  }
  return texts;
}
