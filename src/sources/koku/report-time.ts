import { createLru } from '../../lib/lru.ts';
import { parseInstant } from '../instant.ts';

/** Go's way to print an instant, as operators do: `2026-01-31 14:00:00 +0000 UTC`, with up to 9 digits of a second. */
const GO_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d\d):?(\d\d)(?: [A-Za-z0-9+-]{1,10})?$/;
/** A report has as many distinct ones as hours; Python prints manifests' dates without a zone, and means UTC. */
const ZONELESS = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/;
const TEXT_CHARS_MAX = 64;
const REMEMBERED_MAX = 1_024;

/** An instant in any layout that reports and manifests come with, in milliseconds; NaN where `text` is none. */
export function parseReportTime(text: string): number {
  if (text.length > TEXT_CHARS_MAX) return Number.NaN;
  const go = GO_TIME.exec(text);
  if (go) return parseInstant(`${go[1]}T${go[2]}${go[3]}:${go[4]}`);
  return parseInstant(ZONELESS.test(text) ? `${text}Z` : text);
}

/** The same, remembering: the rows of a report share their few instants. */
export function createTimeReader(): (text: string) => number {
  const known = createLru<number>(REMEMBERED_MAX);
  let last = { text: '', at: Number.NaN };
  return (text) => {
    if (text === last.text) return last.at;
    const at = known.get(text) ?? parseReportTime(text);
    known.set(text, at);
    last = { text, at };
    return at;
  };
}
