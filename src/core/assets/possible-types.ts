import type { Comparator, Values } from '../filter/tree.ts';
import type { AssetFilter } from './asset-keys.ts';
import { ASSET_CATEGORIES, type AssetType } from './asset-properties.ts';

/**
 * Whether a filter may let through any asset of a type: false only where no asset of it can pass, whatever else it is. So a
 * question about disks need not look at what containers did.
 */
export function mayPass(filter: AssetFilter, type: AssetType): boolean {
  return verdictOf(filter, type).yes;
}

/** What an answer may be, as long as nothing but the type is known. */
interface Verdict {
  readonly yes: boolean;
  readonly no: boolean;
}

function verdictOf(filter: AssetFilter, type: AssetType): Verdict {
  switch (filter.kind) {
    case 'all':
      return { yes: true, no: false };
    case 'not': {
      const { yes, no } = verdictOf(filter.part, type);
      return { yes: no, no: yes };
    }
    case 'and': {
      const parts = filter.parts.map((part) => verdictOf(part, type));
      return { yes: parts.every(({ yes }) => yes), no: parts.some(({ no }) => no) };
    }
    case 'or': {
      const parts = filter.parts.map((part) => verdictOf(part, type));
      return { yes: parts.some(({ yes }) => yes), no: parts.every(({ no }) => no) };
    }
    case 'text': {
      const known = { type: type.toLowerCase(), category: ASSET_CATEGORIES[type] };
      if (filter.property !== 'type' && filter.property !== 'category') return { yes: true, no: true };
      const isHeld = holds(known[filter.property], filter);
      return { yes: isHeld, no: !isHeld };
    }
    case 'services':
    case 'has-key':
    case 'keyed':
      return { yes: true, no: true };
    default:
      return filter satisfies never;
  }
}

function holds(text: string, { comparator, values }: { comparator: Comparator; values: Values }): boolean {
  const compare = {
    equals: (value: string) => text === value,
    contains: (value: string) => text.includes(value),
    starts: (value: string) => text.startsWith(value),
    ends: (value: string) => text.endsWith(value),
  };
  return values.some(compare[comparator]);
}
