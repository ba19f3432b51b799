import {
  formatUtcField,
  isPreset,
  type Preset,
  parseUtcField,
  type WindowChoice,
  windowProblem,
} from '../lib/time-window.ts';
import { SORT_KEYS, type Sort, type SortKey } from './namespace-rows.ts';

/** What the page keeps in its address, so that a view can be sent to a colleague. Defaults are left out. */
export interface CostSearch {
  readonly window?: Preset;
  /** UTC, `2026-11-21T05:00`; only together with `to`. */
  readonly from?: string;
  readonly to?: string;
  readonly cluster?: string;
  readonly q?: string;
  readonly sort?: SortKey;
  readonly order?: 'asc' | 'desc';
}

const DEFAULT_PRESET: Preset = '7d';
const DEFAULT_SORT: Sort = { key: 'cost', descending: true };

/** Reads an address bar: what is wrong or the default is dropped, because a broken link should still show costs. */
export function readCostSearch(input: Readonly<Record<string, unknown>>): CostSearch {
  const range = readRange(input['from'], input['to']);
  const cluster = textOf(input['cluster']);
  const q = textOf(input['q']);
  const sort = SORT_KEYS.find((key) => key === input['sort']);
  return {
    ...(range ?? (isPreset(input['window']) && input['window'] !== DEFAULT_PRESET ? { window: input['window'] } : {})),
    ...(cluster === '' ? {} : { cluster }),
    ...(q === '' ? {} : { q }),
    ...(sort === undefined || (sort === DEFAULT_SORT.key && input['order'] !== 'asc')
      ? {}
      : writeSort(sort, input['order'])),
  };
}

function readRange(from: unknown, to: unknown): { from: string; to: string } | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  return windowProblem({ start: parseUtcField(from), end: parseUtcField(to) }) === undefined ? { from, to } : undefined;
}

/** The router reads `q=5` as a number: take it back as the text it was. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Names from A, amounts from the top. */
function naturalOrder(sort: SortKey): 'asc' | 'desc' {
  return sort === 'namespace' ? 'asc' : 'desc';
}

function writeSort(sort: SortKey, order: unknown): Pick<CostSearch, 'sort' | 'order'> {
  return { sort, order: order === 'asc' || order === 'desc' ? order : naturalOrder(sort) };
}

export function windowOf(search: CostSearch): WindowChoice {
  const { from, to } = search;
  if (from !== undefined && to !== undefined) return { start: parseUtcField(from), end: parseUtcField(to) };
  return { preset: search.window ?? DEFAULT_PRESET };
}

/** The search with another window, everything else kept. */
export function withWindow(search: CostSearch, choice: WindowChoice): CostSearch {
  const { window: _window, from: _from, to: _to, ...rest } = search;
  if ('preset' in choice) return readCostSearch({ ...rest, window: choice.preset });
  return { ...rest, from: formatUtcField(choice.start), to: formatUtcField(choice.end) };
}

export function sortOf(search: CostSearch): Sort {
  if (search.sort === undefined) return DEFAULT_SORT;
  return { key: search.sort, descending: search.order !== 'asc' };
}

/** A click on a column: the other way round if it is sorted by already, else its natural order. */
export function withSort(search: CostSearch, key: SortKey): CostSearch {
  const current = sortOf(search);
  const turned = current.descending ? 'asc' : 'desc';
  return readCostSearch({ ...search, sort: key, order: current.key === key ? turned : naturalOrder(key) });
}
