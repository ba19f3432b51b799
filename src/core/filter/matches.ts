import type { AllocationProperties } from '../allocation-properties.ts';
import type { Comparator, Filter, Values } from './tree.ts';

/** Whether an allocation passes a filter. This is what a filter means: SQL made of one must agree with it. */
export function matches(filter: Filter, allocation: AllocationProperties): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'and':
      return filter.parts.every((part) => matches(part, allocation));
    case 'or':
      return filter.parts.some((part) => matches(part, allocation));
    case 'not':
      return !matches(filter.part, allocation);
    case 'text':
      return textHolds(allocation[filter.property], filter);
    case 'services':
      if (allocation.services.length === 0) return filter.comparator === 'equals' && filter.values.includes('');
      return allocation.services.some((service) => textHolds(service, filter));
    case 'has-key':
      return [...allocation[filter.property].keys()].some((key) => textHolds(key, filter));
    case 'keyed':
      return textHolds(allocation[filter.property].get(filter.key) ?? '', filter);
    default:
      return filter satisfies never;
  }
}

/** Whether one of the values holds for a text. */
export function textHolds(
  text: string,
  { comparator, values }: { readonly comparator: Comparator; readonly values: Values },
): boolean {
  switch (comparator) {
    case 'equals':
      return values.includes(text);
    case 'contains':
      return values.some((value) => text.includes(value));
    case 'starts':
      return values.some((value) => text.startsWith(value));
    case 'ends':
      return values.some((value) => text.endsWith(value));
    default:
      return comparator satisfies never;
  }
}
