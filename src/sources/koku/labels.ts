import { createLru } from '../../lib/lru.ts';
import { type Faults, note } from '../faults.ts';
import { readLabels } from '../fields.ts';

export type Labels = Readonly<Record<string, string>>;

const LABEL_PREFIX = 'label_';
const NO_LABELS: Labels = Object.freeze({});
/** Distinct label texts that one upload keeps at hand, and the longest of them: those of the pods of one hour, mostly. */
const REMEMBERED_MAX = 5_000;
const REMEMBERED_CHARS_MAX = 4_096;

/** `label_app:web|label_tier:front` as `{app: 'web', tier: 'front'}`. A pair without a colon says nothing and is left out. */
export function parseLabels(text: string): Labels {
  if (text === '') return NO_LABELS;
  const labels: Record<string, string> = Object.create(null);
  for (const pair of text.split('|')) {
    const colon = pair.indexOf(':');
    if (colon <= 0) continue;
    const key = pair.slice(0, colon);
    labels[key.startsWith(LABEL_PREFIX) ? key.slice(LABEL_PREFIX.length) : key] = pair.slice(colon + 1);
  }
  return labels;
}

/** Reads label columns, the same text into the same object: a workload's labels stand in each of its rows. */
export type LabelReader = (text: string, column: string, faults: Faults) => Labels;

export function createLabelReader(): LabelReader {
  const known = createLru<Labels>(REMEMBERED_MAX);
  return (text, column, faults) => {
    const remembered = known.get(text);
    if (remembered) return remembered;
    const inner: Faults = { first: null };
    const labels = readLabels({ labels: parseLabels(text) }, { key: 'labels', path: '' }, inner);
    if (inner.first) note(faults, column, inner.first.message);
    else if (text.length <= REMEMBERED_CHARS_MAX) known.set(text, labels);
    return labels;
  };
}
