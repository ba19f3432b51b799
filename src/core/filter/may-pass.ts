import { textHolds } from './matches.ts';
import type { Filter } from './tree.ts';

/** Texts of a thing by the property that a filter asks about, as far as they are known. */
export type KnownTexts = Readonly<Partial<Record<string, string>>>;

/**
 * Whether a filter may let through anything of which no more is known than these texts: false only where nothing like it
 * can pass, whatever else it is. So a question about one cluster need not tell of others.
 */
export function mayPass<P extends string>(filter: Filter<P>, known: KnownTexts): boolean {
  return verdictOf(filter, known).yes;
}

/** What the answer may be. */
interface Verdict {
  readonly yes: boolean;
  readonly no: boolean;
}

const EITHER: Verdict = { yes: true, no: true };

function verdictOf<P extends string>(filter: Filter<P>, known: KnownTexts): Verdict {
  switch (filter.kind) {
    case 'all':
      return { yes: true, no: false };
    case 'not': {
      const { yes, no } = verdictOf(filter.part, known);
      return { yes: no, no: yes };
    }
    case 'and': {
      const parts = filter.parts.map((part) => verdictOf(part, known));
      return { yes: parts.every(({ yes }) => yes), no: parts.some(({ no }) => no) };
    }
    case 'or': {
      const parts = filter.parts.map((part) => verdictOf(part, known));
      return { yes: parts.some(({ yes }) => yes), no: parts.every(({ no }) => no) };
    }
    case 'text': {
      const text = known[filter.property];
      if (text === undefined) return EITHER;
      const isHeld = textHolds(text, filter);
      return { yes: isHeld, no: !isHeld };
    }
    case 'services':
    case 'has-key':
    case 'keyed':
      return EITHER;
    default:
      return filter satisfies never;
  }
}
