import { type LabelAliases, sanitizeLabelName, UNALLOCATED } from '../allocation-properties.ts';
import type { FieldTarget, MapProperty, TextProperty } from './fields.ts';

export type Comparator = 'equals' | 'contains' | 'starts' | 'ends';

/**
 * A question about one allocation (or another thing, of the text properties `P`) that is answered by yes or no; immutable.
 * A leaf asks whether one of its values holds.
 * Aliases are already labels and annotations, names of labels are sanitised, and `__unallocated__` is `''`: whoever reads
 * a tree knows nothing of those words.
 */
export type Filter<P extends string = TextProperty> =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter<P>[] }
  | { readonly kind: 'not'; readonly part: Filter<P> }
  | { readonly kind: 'text'; readonly property: P; readonly comparator: Comparator; readonly values: Values }
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
export const ALL: Filter<never> = { kind: 'all' };

export interface Comparison<P extends string = TextProperty> {
  readonly target: FieldTarget<P>;
  /** What stood in `[…]` behind a map field; `''` asks about the keys, as none does. */
  readonly key?: string | undefined;
  readonly comparator: Comparator;
  readonly values: Values;
}

export function andOf<P extends string>(parts: readonly Filter<P>[]): Filter<P> {
  return groupOf('and', parts);
}

export function orOf<P extends string>(parts: readonly Filter<P>[]): Filter<P> {
  return groupOf('or', parts);
}

export function notOf<P extends string>(part: Filter<P>): Filter<P> {
  return { kind: 'not', part };
}

function groupOf<P extends string>(kind: 'and' | 'or', parts: readonly Filter<P>[]): Filter<P> {
  const [only, ...others] = parts;
  if (only === undefined) return ALL;
  return others.length === 0 ? only : { kind, parts };
}

/** A comparison as a tree. For a list of things, and for the keys of a map, to contain a value is to have it as an element. */
export function compare<P extends string = TextProperty>(
  { target, key = '', comparator, values }: Comparison<NoInfer<P>>,
  aliases: LabelAliases,
): Filter<P> {
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

function hasKey(property: MapProperty, keys: Values): Extract<Filter<never>, { kind: 'has-key' }> {
  return { kind: 'has-key', property, comparator: 'equals', values: keys.map(sanitizeLabelName) };
}

function ofElement(comparator: Comparator): ElementComparator {
  return comparator === 'contains' ? 'equals' : comparator;
}

/**
 * An alias asks the label of its name and, only where there is none, the annotation. What has neither is unallocated:
 * it passes where a value is `''`, and nowhere else.
 */
function compareAlias<P extends string>(name: string, asked: Pick<Comparison, 'comparator' | 'values'>): Filter<P> {
  const key = sanitizeLabelName(name);
  const has = (property: MapProperty): Filter<P> => hasKey(property, [key]);
  const [hasLabel, hasAnnotation] = [has('labels'), has('annotations')];
  const valueIn = (property: MapProperty): Filter<P> => ({ kind: 'keyed', property, key, ...asked });
  const known = orOf([
    andOf([hasLabel, valueIn('labels')]),
    andOf([notOf(hasLabel), hasAnnotation, valueIn('annotations')]),
  ]);
  if (!asked.values.includes('')) return known;
  return orOf([known, andOf([notOf(hasLabel), notOf(hasAnnotation)])]);
}
