import { isUtf8 } from 'node:buffer';

/** Of one series; Kubernetes' own are far below. */
export const LABEL_LIMITS = { labels: 256, bytes: 64 * 1_024 } as const;

export const METRIC_LABEL = '__name__';

/** A label's name and value; `null` where the bytes are no text. */
export type RawLabel = readonly [name: string | null, value: string | null];

/** The labels of a series in their order, or what is wrong with them, in words. */
export type ReadLabels =
  | { readonly labels: readonly (readonly [name: string, value: string])[]; readonly fault?: never }
  | { readonly fault: string; readonly labels?: never };

/**
 * Labels as the specification has them: sorted by name, each name once and none empty, a metric among them. An empty value is
 * let pass: it says that there is no such label.
 */
export function readLabels(raw: readonly RawLabel[]): ReadLabels {
  if (raw.length > LABEL_LIMITS.labels) return { fault: `${raw.length} labels; at most ${LABEL_LIMITS.labels}` };
  const labels: (readonly [string, string])[] = [];
  let last: string | undefined;
  let hasMetric = false;
  for (const [name, value] of raw) {
    if (name === null || value === null) return { fault: 'a label that is not UTF-8' };
    if (name === '') return { fault: 'a label without a name' };
    if (name === last) return { fault: `the label ${shown(name)} twice` };
    if (last !== undefined && !isBefore(last, name)) return { fault: `the label ${shown(name)} out of order` };
    last = name;
    if (value === '') continue;
    labels.push([name, value]);
    hasMetric ||= name === METRIC_LABEL;
  }
  return hasMetric ? { labels } : { fault: `no label ${METRIC_LABEL}` };
}

const REPLACED = '\uFFFD';

/** The text between two places of a request; `null` where it is not UTF-8. */
export function textBetween(bytes: Buffer, start: number, end: number): string | null {
  const text = bytes.toString('utf8', start, end);
  return text.includes(REPLACED) && !isUtf8(bytes.subarray(start, end)) ? null : text;
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** By bytes, as senders sort. Code units say the same but for characters beyond the first 65,536. */
function isBefore(a: string, b: string): boolean {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b;
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

const SHOWN_MAX = 60;

function shown(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_MAX));
}
