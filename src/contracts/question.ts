import { z } from 'zod';
import { wholeNumberOr } from './numbers.ts';

/** What questions about allocations, assets and advice have in common: of when, cut how, and which page. */

/** Of keys and names with commas. */
export const LIST_CHARS_MAX = 4_096;
const FILTER_CHARS_MAX = 8_192;
const OFFSET_MAX = 1_000_000;

export const QuestionWindow = z
  .string()
  .max(100)
  .default('7d')
  .meta({ examples: ['7d', 'today', '2026-01-01,2026-01-08'] })
  .describe('7d, 24h, today, lastmonth, 24h offset 1h, or two instants, dates or unix seconds with a comma');

export const QuestionZone = z
  .string()
  .max(64)
  .default('UTC')
  .meta({ examples: ['UTC', 'Europe/Berlin'] })
  .describe('Time zone of days, weeks and months, e.g. Europe/Berlin');

export const QuestionStep = z
  .string()
  .max(20)
  .meta({ examples: ['1d'] })
  .optional()
  .describe('Cut the window into sets of so many hours or days: 1h, 24h, 7d');

export const QuestionAccumulate = z
  .string()
  .max(20)
  .meta({ examples: ['month'] })
  .optional()
  .describe('Cut it by the calendar instead: hour, day, week, month, quarter');

interface Words {
  readonly absent: string;
  readonly examples: readonly string[];
  readonly about: string;
}

/** By what to cut: keys with commas. */
export function aggregateOf({ absent, examples, about }: Words) {
  return z
    .string()
    .max(LIST_CHARS_MAX)
    .default(absent)
    .meta({ examples: [...examples] })
    .describe(about);
}

/** Filter language v2; nothing is everything. */
export function filterOf({ examples, about }: Omit<Words, 'absent'>) {
  return z
    .string()
    .max(FILTER_CHARS_MAX)
    .default('')
    .meta({ examples: [...examples] })
    .describe(about);
}

const v1List = (example: string) =>
  z
    .string()
    .max(LIST_CHARS_MAX)
    .optional()
    .meta({ examples: [example] })
    .describe('A filter of v1, in place of filter: values with commas, * at the end for any ending');

/** Filters as Kubecost had them first: values of one are alternatives, and every one must hold. */
export const V1_FILTERS = {
  filterClusters: v1List('east'),
  filterNodes: v1List('node-1'),
  filterNamespaces: v1List('shop,team-*'),
  filterControllerKinds: v1List('deployment'),
  filterControllers: v1List('deployment:web'),
  filterPods: v1List('web-*'),
  filterContainers: v1List('app'),
  filterDepartments: v1List('retail'),
  filterEnvironments: v1List('production'),
  filterOwners: v1List('ann'),
  filterProducts: v1List('checkout'),
  filterTeams: v1List('payments'),
  filterAnnotations: v1List('owner:ann'),
  filterLabels: v1List('app:web'),
  filterServices: v1List('web'),
};
export type V1Filters = z.infer<z.ZodObject<typeof V1_FILTERS>>;

export const RowSort = z.enum(['cost', 'name']).default('cost').describe('Within a set: dearest first, or by name');

export const PageOffset = wholeNumberOr({ min: 0, max: OFFSET_MAX, absent: 0, examples: [0] });

export const ExactAmount = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .describe('exact decimal amount in the currency of the answer');
