import { HOUR_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { formatMoney, type Money } from '../lib/money.ts';
import { type PriceRates, RATE_KEYS, RATE_MAX, ratesOf } from './price-rates.ts';
import {
  MATCH_BYTES_MAX,
  MATCH_KINDS_MAX,
  MATCHED_LABELS_MAX,
  matchedFields,
  PRICE_RULES_MAX,
  type PriceRule,
  setsPrice,
  WHOLE_SHARE,
} from './price-rules.ts';

export const STORAGE_CLASSES_MAX = 200;

/** What may be wrong with a price version. */
export interface CheckedPrice {
  readonly effectiveFrom: number;
  readonly rates: PriceRates;
  readonly storageClasses: Readonly<Record<string, Money>>;
  readonly rules: readonly PriceRule[];
}

/**
 * Throws `invalid_request` when the hour is not whole, when an amount is negative or above `RATE_MAX`, or when a rule sets nothing
 * or two prices at once; `limit_exceeded` when there are more rules or storage classes than allowed. Both name what it is.
 */
export function checkPrice({ effectiveFrom, rates, storageClasses, rules }: CheckedPrice): void {
  if (!Number.isSafeInteger(effectiveFrom) || effectiveFrom % HOUR_MS !== 0) {
    throw new AppError('invalid_request', 'a price takes effect on a whole hour (UTC)');
  }
  ratesOf((name) => checkRate(RATE_KEYS[name], rates[name]));
  const classes = Object.entries(storageClasses);
  refuseMore('storage classes', classes.length, STORAGE_CLASSES_MAX);
  for (const [name, rate] of classes) checkRate(`the rate of storage class "${name}"`, rate);
  checkRules(rules);
}

function checkRules(rules: readonly PriceRule[]): void {
  refuseMore('rules', rules.length, PRICE_RULES_MAX);
  for (const [index, rule] of rules.entries()) checkRule(`rule ${index + 1}`, rule);
  const fields = rules.map(({ match }) => matchedFields(match));
  const kinds = new Set(fields.map((of) => JSON.stringify(of.map(([field]) => field))));
  refuseMore('kinds of rules (lists of things that rules ask about)', kinds.size, MATCH_KINDS_MAX);
  const bytes = fields.flat().reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
  refuseMore('bytes in what rules compare with', bytes, MATCH_BYTES_MAX);
}

function checkRule(where: string, rule: PriceRule): void {
  for (const [wrong, message] of faultsOf(rule)) {
    if (wrong) throw new AppError('invalid_request', `${where} ${message}`);
  }
  const { nodeHour, cpuCoreHour, ramGibHour, gpuHour } = rule;
  for (const [name, rate] of Object.entries({ nodeHour, cpuCoreHour, ramGibHour, gpuHour })) {
    if (rate !== undefined) checkRate(`${name} of ${where}`, rate);
  }
}

function faultsOf(rule: PriceRule): [wrong: boolean, message: string][] {
  const { match, nodeHour, gpuHour, discount = { share: 0n, of: ['book'] } } = rule;
  const isEmpty = !setsPrice(rule) && gpuHour === undefined && rule.discount === undefined;
  const setsTwo = nodeHour !== undefined && (rule.cpuCoreHour ?? rule.ramGibHour) !== undefined;
  return [
    [isEmpty, 'sets neither a price nor a discount'],
    [setsTwo, 'sets a price of the whole node and rates of its parts: only one of them can be paid'],
    [discount.share < 0n || discount.share > WHOLE_SHARE, 'has a discount outside of 0 to 100 %'],
    [discount.of.length === 0, 'has a discount of nothing'],
    [Object.keys(match.labels ?? {}).length > MATCHED_LABELS_MAX, `asks about more than ${MATCHED_LABELS_MAX} labels`],
    [matchedFields(match).some(([, value]) => value === ''), 'compares with an empty text'],
  ];
}

function checkRate(name: string, rate: Money): void {
  if (rate >= 0n && rate <= RATE_MAX) return;
  const range = `it must be from 0 to ${formatMoney(RATE_MAX)}`;
  throw new AppError('invalid_request', `${name} is ${formatMoney(rate)}; ${range}`);
}

function refuseMore(what: string, count: number, max: number): void {
  if (count > max) throw new AppError('limit_exceeded', `a price version has ${count} ${what}; at most ${max}`);
}
