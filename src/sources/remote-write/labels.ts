import { isUtf8 } from 'node:buffer';
import type { LabelSet } from '../../core/series.ts';

/** Of one series; Kubernetes' own are far below. */
export const LABEL_LIMITS = { labels: 256, bytes: 64 * 1_024 } as const;

export const METRIC_LABEL = '__name__';

/** One label as it is on the wire. */
export interface RawLabel {
  readonly name: Buffer;
  readonly value: Buffer;
}

/** The labels of a series, or what is wrong with them, in words. */
export type ReadLabels =
  | { readonly labels: LabelSet; readonly fault?: never }
  | { readonly fault: string; readonly labels?: never };

/**
 * Labels as the specification has them: sorted by name, each name once and none empty, a metric among them. An empty value is
 * let pass: it says that there is no such label.
 */
export function readLabels(raw: readonly RawLabel[]): ReadLabels {
  if (raw.length > LABEL_LIMITS.labels) return { fault: `${raw.length} labels; at most ${LABEL_LIMITS.labels}` };
  const bytes = raw.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  if (bytes > LABEL_LIMITS.bytes) return { fault: `${bytes} bytes of labels; at most ${LABEL_LIMITS.bytes}` };
  const pairs: [string, string][] = [];
  let last: Buffer | undefined;
  for (const { name, value } of raw) {
    if (name.length === 0) return { fault: 'a label without a name' };
    if (!isUtf8(name) || !isUtf8(value)) return { fault: 'a label that is not UTF-8' };
    const order = last === undefined ? -1 : Buffer.compare(last, name);
    if (order === 0) return { fault: `the label ${shown(name)} twice` };
    if (order > 0) return { fault: `the label ${shown(name)} out of order` };
    last = name;
    if (value.length > 0) pairs.push([name.toString('utf8'), value.toString('utf8')]);
  }
  // fromEntries defines, never assigns: a label may be called __proto__
  const labels: LabelSet = Object.fromEntries(pairs);
  return labels[METRIC_LABEL] === undefined ? { fault: `no label ${METRIC_LABEL}` } : { labels };
}

const SHOWN_MAX = 60;

function shown(name: Buffer): string {
  return JSON.stringify(name.toString('utf8').slice(0, SHOWN_MAX));
}
