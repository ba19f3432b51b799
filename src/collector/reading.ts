/** What a kubelet says of its node, whichever of its endpoints said it. What it does not say is null. */
export interface NodeReading {
  readonly node: string;
  /** When the kubelet took its own sample, milliseconds since the epoch. */
  readonly at: number | null;
  readonly pods: readonly PodReading[];
}

export interface PodReading {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** When its first container that still runs, or ran last, started. */
  readonly startedAt: number | null;
  readonly usage: Usage;
  readonly receivedBytes: number | null;
  readonly sentBytes: number | null;
  readonly containers: readonly ContainerReading[];
}

export interface ContainerReading {
  readonly name: string;
  readonly usage: Usage;
}

export interface Usage {
  readonly cores: number | null;
  /** Core-seconds since the container or pod started: a counter. */
  readonly coreSeconds: number | null;
  /** The working set: what cannot be taken back under pressure. */
  readonly memoryBytes: number | null;
}

export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

/** The object that `value` is; one without fields where it is none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NOTHING;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number that can be an amount: finite and not negative. */
export function amountOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** An instant that is one, and not the year 1 or 1970 of a clock that was never set. */
export function instantOf(value: unknown): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return at > 0 ? at : null;
}

/** Null where none of them is known. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Null where none of them is known. */
export function earliestOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
