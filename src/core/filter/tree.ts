import { type LabelAliases, sanitizeLabelName, UNALLOCATED } from '../allocation-properties.ts';
import type { FieldTarget, MapProperty, TextProperty } from './fields.ts';

export type Comparator = 'equals' | 'contains' | 'starts' | 'ends';

/**
 * A question about one allocation that is answered by yes or no; immutable. A leaf asks whether one of its values holds.
 * Aliases are already labels and annotations, names of labels are sanitised, and `__unallocated__` is `''`: whoever reads
 * a tree knows nothing of those words.
 */
export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'text'; readonly property: TextProperty; readonly comparator: Comparator; readonly values: Values }
  /** Some service is a value, or starts or ends with it. No service at all equals `''`. */
  | { readonly kind: 'services'; readonly comparator: ElementComparator; readonly values: Values }
  /** Some key is a value, or starts or ends with it. */
  | {
      readonly kind: 'has-key';
      readonly property: MapProperty;
      readonly comparator: ElementComparator;
      readonly values: Values;
    }
  /** The text under a key, which is never `''`; a missing key has the text `''`. */
  | {
      readonly kind: 'keyed';
      readonly property: MapProperty;
      readonly key: string;
      readonly comparator: Comparator;
      readonly values: Values;
    };

/** Alternatives, at least one. */
export type Values = readonly string[];

export type ElementComparator = Exclude<Comparator, 'contains'>;

/** The filter of nothing: every allocation passes. */
export const ALL: Filter = { kind: 'all' };

export interface Comparison {
  readonly target: FieldTarget;
  /** What stood in `[…]` behind a map field; `''` asks about the keys, as none does. */
  readonly key?: string | undefined;
  readonly comparator: Comparator;
  readonly values: Values;
}

export function andOf(parts: readonly Filter[]): Filter {
  return groupOf('and', parts);
}

export function orOf(parts: readonly Filter[]): Filter {
  return groupOf('or', parts);
}

export function notOf(part: Filter): Filter {
  return { kind: 'not', part };
}

function groupOf(kind: 'and' | 'or', parts: readonly Filter[]): Filter {
  const [only, ...others] = parts;
  if (only === undefined) return ALL;
  return others.length === 0 ? only : { kind, parts };
}

/** A comparison as a tree. For a list of things, and for the keys of a map, to contain a value is to have it as an element. */
export function compare({ target, key = '', comparator, values }: Comparison, aliases: LabelAliases): Filter {
  const asked = values.map((value) => (value === UNALLOCATED ? '' : value));
  switch (target.kind) {
    case 'alias':
      return compareAlias(aliases[target.alias], { comparator, values: asked });
    case 'text':
      return { kind: 'text', property: target.property, comparator, values: asked };
    case 'list':
      return { kind: 'services', comparator: ofElement(comparator), values: asked };
    case 'map':
      return key === ''
        ? { ...hasKey(target.property, asked), comparator: ofElement(comparator) }
        : { kind: 'keyed', property: target.property, key: sanitizeLabelName(key), comparator, values: asked };
    default:
      return target satisfies never;
  }
}

function hasKey(property: MapProperty, keys: Values): Extract<Filter, { kind: 'has-key' }> {
  return { kind: 'has-key', property, comparator: 'equals', values: keys.map(sanitizeLabelName) };
}

function ofElement(comparator: Comparator): ElementComparator {
  return comparator === 'contains' ? 'equals' : comparator;
}

/**
 * An alias asks the label of its name and, only where there is none, the annotation. What has neither is unallocated:
 * it passes where a value is `''`, and nowhere else.
 */
function compareAlias(name: string, asked: Pick<Comparison, 'comparator' | 'values'>): Filter {
  const key = sanitizeLabelName(name);
  const [hasLabel, hasAnnotation] = [hasKey('labels', [key]), hasKey('annotations', [key])];
  const valueIn = (property: MapProperty): Filter => ({ kind: 'keyed', property, key, ...asked });
  const known = orOf([
    andOf([hasLabel, valueIn('labels')]),
    andOf([notOf(hasLabel), hasAnnotation, valueIn('annotations')]),
  ]);
  if (!asked.values.includes('')) return known;
  return orOf([known, andOf([notOf(hasLabel), notOf(hasAnnotation)])]);
}
