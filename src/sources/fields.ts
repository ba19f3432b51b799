/**
 * Readers of the fields of a row that hold text: strict in what they let through (bounded, printable), and hand-written
 * because they run for every field of every pod. Each takes the row, what the field is, and where to note a fault.
 * `undefined` and `null` are "not known".
 */
import { type Faults, note } from './faults.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Field {
  readonly key: string;
  /** Where the field is in its row: the key itself, unless nested. */
  readonly path: string;
}

export interface TextField extends Field {
  readonly charsMax: number;
}

export interface ListField extends Field {
  readonly itemsMax: number;
}

/** Longest name of a Kubernetes object. */
export const NAME_CHARS_MAX = 253;
/** Cloud ids are paths: Azure's run to some 250 characters. */
const PROVIDER_ID_CHARS_MAX = 1024;
/** Control characters, and surrogates without their other half: neither can be stored and read back as text. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const UNPRINTABLE_MESSAGE = 'must not contain control characters or unpaired surrogates';

const LABELS_MAX = 256;
/** Kubernetes allows a prefix of 253, a slash and a name of 63, and values of 63; other senders use longer values. */
const LABEL_KEY_CHARS_MAX = 317;
const LABEL_VALUE_CHARS_MAX = 1024;
const LABELS_CHARS_MAX = 16_384;
const LABEL_ITEM = /^([^=]*)=(.*)$/s;
const NO_ROWS: readonly Row[] = [];
const NO_LABELS: Labels = Object.freeze({});

type Labels = Readonly<Record<string, string>>;

export function nameField(key: string, path = key): TextField {
  return { key, path, charsMax: NAME_CHARS_MAX };
}

export function providerIdField(key: string, path = key): TextField {
  return { key, path, charsMax: PROVIDER_ID_CHARS_MAX };
}

export function listField(key: string, itemsMax: number): ListField {
  return { key, path: key, itemsMax };
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A printable text; `''` where not known. */
export function readText(row: Row, field: TextField, faults: Faults): string {
  const value = row[field.key];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') note(faults, field.path, 'must be a string');
  else if (value.length > field.charsMax) note(faults, field.path, `must be at most ${field.charsMax} characters`);
  else if (UNPRINTABLE.test(value)) note(faults, field.path, UNPRINTABLE_MESSAGE);
  else return value;
  return '';
}

/** A text that must be there and not be empty. */
export function readRequiredText(row: Row, field: TextField, faults: Faults): string {
  const text = readText(row, field, faults);
  if (text === '') note(faults, field.path, 'is required');
  return text;
}

/** Names that begin so are the ledger's own (`__idle__`): no namespace of Kubernetes can be called that. */
const RESERVED_PREFIX = '__';

export function readNamespace(row: Row, field: TextField, faults: Faults): string {
  const namespace = readRequiredText(row, field, faults);
  if (namespace.startsWith(RESERVED_PREFIX)) note(faults, field.path, `must not begin with ${RESERVED_PREFIX}`);
  return namespace;
}

export function readFlag(row: Row, field: Field, faults: Faults): boolean {
  const value = row[field.key];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') note(faults, field.path, 'must be true or false');
  return value === true;
}

/** The object at a nested field; null where there is none. */
export function readRow(row: Row, field: Field, faults: Faults): Row | null {
  const value = row[field.key];
  if (value === undefined || value === null) return null;
  if (isRow(value)) return value;
  note(faults, field.path, 'must be an object');
  return null;
}

/** The objects of a nested list; none where it is absent. */
export function readList(row: Row, field: ListField, faults: Faults): readonly Row[] {
  const value = row[field.key];
  if (value === undefined || value === null) return NO_ROWS;
  if (!Array.isArray(value)) note(faults, field.path, 'must be a list');
  else if (value.length > field.itemsMax) note(faults, field.path, `must be at most ${field.itemsMax}`);
  else if (value.every(isRow)) return value;
  else note(faults, field.path, 'must be a list of objects');
  return NO_ROWS;
}

/** Labels as `{key: value}`: the object itself when all is well with it, since bodies are not written to. */
export function readLabels(row: Row, field: Field, faults: Faults): Labels {
  const value = row[field.key];
  if (value === undefined || value === null) return NO_LABELS;
  if (!isRow(value)) {
    note(faults, field.path, 'must be an object');
    return NO_LABELS;
  }
  return areLabels(value, field, faults) ? value : NO_LABELS;
}

/** Labels as a list of `key=value`, the way data frames carry them. */
export function readLabelList(row: Row, field: Field, faults: Faults): Labels {
  const labels: Record<string, unknown> = Object.create(null);
  const items: unknown = row[field.key];
  if (!Array.isArray(items) || items.length > LABELS_MAX) {
    note(faults, field.path, `must be a list of at most ${LABELS_MAX} labels`);
    return NO_LABELS;
  }
  for (const item of items) {
    const [, key, value] = LABEL_ITEM.exec(typeof item === 'string' ? item : '') ?? [];
    if (key === undefined) {
      note(faults, field.path, 'must be a list of "key=value"');
      return NO_LABELS;
    }
    labels[key] = value;
  }
  return areLabels(labels, field, faults) ? labels : NO_LABELS;
}

function areLabels(labels: Row, field: Field, faults: Faults): labels is Labels {
  const message = labelsFault(labels);
  if (message === null) return true;
  note(faults, field.path, message);
  return false;
}

function labelsFault(labels: Row): string | null {
  let count = 0;
  let chars = 0;
  for (const key in labels) {
    if (!Object.hasOwn(labels, key)) continue;
    const value = labels[key];
    count += 1;
    if (count > LABELS_MAX) return `must be at most ${LABELS_MAX} labels`;
    if (key.length > LABEL_KEY_CHARS_MAX) return `keys must be at most ${LABEL_KEY_CHARS_MAX} characters`;
    if (typeof value !== 'string') return 'values must be strings';
    if (value.length > LABEL_VALUE_CHARS_MAX) return `values must be at most ${LABEL_VALUE_CHARS_MAX} characters`;
    chars += key.length + value.length;
    if (UNPRINTABLE.test(key) || UNPRINTABLE.test(value)) return UNPRINTABLE_MESSAGE;
  }
  return chars > LABELS_CHARS_MAX ? `must be at most ${LABELS_CHARS_MAX} characters together` : null;
}
