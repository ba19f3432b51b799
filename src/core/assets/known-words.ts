import { AppError } from '../../lib/errors.ts';
import { nearestWord } from '../../lib/nearest-word.ts';
import { ASSET_CATEGORIES, ASSET_TYPES, type AssetFilter } from './asset-properties.ts';

/** Types are found in any case, categories as they are written. OpenCost knows two types more, of which there are no assets here. */
const KNOWN = {
  type: [...ASSET_TYPES, 'Shared', 'Any'],
  category: [...new Set(Object.values(ASSET_CATEGORIES)), 'Shared'],
} as const satisfies Record<string, readonly string[]>;

/**
 * The filter itself, where every type and category that it names whole is one: a misspelt one finds nothing, or with a `!`
 * everything, and that looks like an answer. What is only a part of a word may be any text.
 *
 * @throws AppError `invalid_request` that lists the words there are.
 */
export function withKnownWords(filter: AssetFilter, field: string): AssetFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.parts) withKnownWords(part, field);
      return filter;
    case 'not':
      withKnownWords(filter.part, field);
      return filter;
    case 'text':
      if (filter.property !== 'type' && filter.property !== 'category') return filter;
      if (filter.comparator === 'equals') for (const value of filter.values) check(filter.property, value, field);
      return filter;
    case 'all':
    case 'keyed':
    case 'has-key':
    case 'services':
      return filter;
    default:
      return filter satisfies never;
  }
}

function check(property: keyof typeof KNOWN, value: string, field: string): void {
  const words: readonly string[] = KNOWN[property];
  const isKnown = words.some((word) => (property === 'type' ? word.toLowerCase() : word) === value);
  if (isKnown || value === '') return;
  const near = nearestWord(value, words);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const message = `there is no ${property} ${JSON.stringify(value.slice(0, 80))} of assets; there are ${words.join(', ')}${hint}`;
  throw new AppError('invalid_request', message, { details: { field } });
}
