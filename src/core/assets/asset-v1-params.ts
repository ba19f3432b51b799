import { AppError } from '../../lib/errors.ts';
import { DEFAULT_ALIASES } from '../allocation-properties.ts';
import type { FieldTarget } from '../filter/fields.ts';
import { FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX } from '../filter/problems.ts';
import { andOf, compare, orOf } from '../filter/tree.ts';
import type { AssetFilter, AssetProperty } from './asset-properties.ts';
import { withKnownWords } from './known-words.ts';

const LISTS = {
  filterTypes: 'type',
  filterCategories: 'category',
  filterClusters: 'cluster',
  filterProviders: 'provider',
  filterProviderIDs: 'providerId',
  filterProjects: 'project',
  filterAccounts: 'account',
  filterServices: 'service',
  filterNames: 'name',
} as const satisfies Record<string, AssetProperty>;

const LABELS = 'filterLabels';
const NAMES = [...Object.keys(LISTS), LABELS];

/**
 * The filter that Kubecost's older parameters stand for: `filterTypes=node,disk`. Values of one parameter are alternatives, a
 * `*` at the end stands for any ending, and every parameter must hold.
 *
 * @throws AppError `invalid_request` that names the parameter, or the limit, or the types and categories there are.
 */
export function assetFilterOfV1Params(params: Readonly<Partial<Record<string, string>>>): AssetFilter {
  const chars = NAMES.reduce((sum, name) => sum + (params[name]?.length ?? 0), 0);
  if (chars > FILTER_CHARS_MAX) throw excess(`${chars} characters`, FILTER_CHARS_MAX);
  const lists = Object.entries(LISTS).map(([name, property]) => ({
    name,
    property,
    values: valuesOf(params[name] ?? ''),
  }));
  const labels = valuesOf(params[LABELS] ?? '');
  const count = lists.reduce((sum, { values }) => sum + values.length, labels.length);
  if (count > FILTER_COMPARISONS_MAX) throw excess(`${count} values`, FILTER_COMPARISONS_MAX);
  const filters = lists
    .filter(({ values }) => values.length > 0)
    .map(({ name, property, values }) => withKnownWords(orOf(values.map((value) => ofText(property, value))), name));
  return andOf([...filters, ...(labels.length === 0 ? [] : [orOf(labels.map(ofLabel))])]);
}

function ofText(property: AssetProperty, value: string): AssetFilter {
  return wild({ kind: 'text', property }, property === 'type' ? value.toLowerCase() : value);
}

function ofLabel(text: string): AssetFilter {
  const colon = text.indexOf(':');
  if (colon < 1) {
    throw new AppError('invalid_request', `${LABELS} cannot be "${text.slice(0, 80)}": expected name:value`, {
      details: { field: LABELS },
    });
  }
  return wild({ kind: 'map', property: 'labels' }, text.slice(colon + 1).trim(), text.slice(0, colon).trim());
}

function wild(target: FieldTarget<AssetProperty>, value: string, key?: string): AssetFilter {
  const isWild = value.endsWith('*');
  const values = [isWild ? value.slice(0, -1) : value];
  return compare<AssetProperty>({ target, key, comparator: isWild ? 'starts' : 'equals', values }, DEFAULT_ALIASES);
}

function valuesOf(list: string): string[] {
  return list
    .split(',')
    .map((value) => value.trim().toWellFormed())
    .filter((value) => value !== '');
}

function excess(found: string, limit: number): AppError {
  return new AppError('invalid_request', `the filter parameters have ${found} together; at most ${limit}`);
}
