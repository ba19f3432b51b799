import { formatMoney, type Money, parseMoney, portionOf } from '../lib/money.ts';
import { sanitizeLabelName } from './allocation-properties.ts';

/**
 * Rules of a price version: what some nodes cost otherwise than by the version's rates. They stand in an order. A rule may
 * set a price, a rate for GPUs, and a discount; for each of these the first rule counts that sets it and fits the node.
 *
 * A price replaces what the source reports. A discount is of the version's own rates and of reported prices, or of one of
 * them; a price that a rule sets is what is paid, and has none taken off.
 */
export interface PriceRule {
  readonly match: NodeMatch;
  /** The whole node for an hour. Where a rule sets a rate for GPUs too, those come on top of it. */
  readonly nodeHour?: Money | undefined;
  /** Committed rates; the version's own stands for the one that is not set. Never beside `nodeHour`. */
  readonly cpuCoreHour?: Money | undefined;
  readonly ramGibHour?: Money | undefined;
  readonly gpuHour?: Money | undefined;
  readonly discount?: Discount | undefined;
}

/** Which nodes: those of which all of this is so; all nodes where nothing is asked. Texts are compared in small letters. */
export interface NodeMatch {
  readonly node?: string | undefined;
  /** Whole, or what follows the zone in an AWS one: `i-0abc` fits `aws:///eu-west-1a/i-0abc`. */
  readonly providerId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly region?: string | undefined;
  readonly pool?: string | undefined;
  readonly spot?: boolean | undefined;
  /** By the labels' names, in any spelling: `team.example.com/name` is `team_example_com_name`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface Discount {
  /** In hundred-millionths: 30 % is 30,000,000. */
  readonly share: bigint;
  readonly of: readonly DiscountedBasis[];
}

export const DISCOUNTED_BASES = ['book', 'reported'] as const;
export type DiscountedBasis = (typeof DISCOUNTED_BASES)[number];

/** The whole, as `Discount.share` counts. */
export const WHOLE_SHARE = 100_000_000n;
export const PRICE_RULES_MAX = 1_000;
export const MATCHED_LABELS_MAX = 8;
/** How many different lists of things a version's rules may ask about. */
export const MATCH_KINDS_MAX = 32;
/** All texts that the rules of a version compare with, in bytes: they are bound to each hour's statement. */
export const MATCH_BYTES_MAX = 65_536;

/** What is known of a node that rules may ask about. */
export interface NodeFacts {
  readonly node: string;
  readonly providerId: string;
  readonly instanceType: string;
  readonly region: string;
  readonly pool: string;
  readonly spot: boolean;
  /** Keys as `sanitizeLabelName` leaves them. */
  readonly labels: ReadonlyMap<string, string>;
}

/** What the rules of a version say of one node. */
export interface NodeRule {
  readonly price?: Pick<PriceRule, 'nodeHour' | 'cpuCoreHour' | 'ramGibHour'> | undefined;
  readonly gpuHour?: Money | undefined;
  readonly discount?: Discount | undefined;
}

export const setsPrice = (rule: PriceRule): boolean =>
  rule.nodeHour !== undefined || rule.cpuCoreHour !== undefined || rule.ramGibHour !== undefined;

/** The same in plain words as the ledger's SQL finds (rules-of-nodes.sql). */
export function ruleOf(facts: NodeFacts, rules: readonly PriceRule[]): NodeRule {
  const fitting = rules.filter(({ match }) => fits(facts, match));
  return {
    price: fitting.find(setsPrice),
    gpuHour: fitting.find(({ gpuHour }) => gpuHour !== undefined)?.gpuHour,
    discount: fitting.find(({ discount }) => discount !== undefined)?.discount,
  };
}

function fits(facts: NodeFacts, match: NodeMatch): boolean {
  const known = factsByField(facts);
  return matchedFields(match).every(([field, value]) => known.get(field) === value);
}

function factsByField(facts: NodeFacts): Map<string, string> {
  const { node, providerId, instanceType, region, pool, spot } = facts;
  const labels = Object.fromEntries(facts.labels);
  return new Map(matchedFields({ node, providerId, instanceType, region, pool, spot, labels }));
}

/** What a match asks about, and what it must be: the fields in an order of their own, so that equal lists are one kind. */
export function matchedFields(match: NodeMatch): [field: string, value: string][] {
  const labels = Object.entries(match.labels ?? {}).map(([name, value]) => [`label:${sanitizeLabelName(name)}`, value]);
  const asked = [
    ['instance_type', match.instanceType],
    ...labels,
    ['node', match.node],
    ['pool', match.pool],
    ['provider_id', match.providerId === undefined ? undefined : bareProviderId(match.providerId)],
    ['region', match.region],
    ['spot', match.spot === undefined ? undefined : String(match.spot)],
  ] as const;
  return asked
    .flatMap(([field = '', value]): [string, string][] => (value === undefined ? [] : [[field, value.toLowerCase()]]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** As OpenCost compares them: the instance of an AWS id, and an Azure id without its scheme. */
export function bareProviderId(id: string): string {
  return id.toLowerCase().replace(/^(aws:\/\/\/[^/]*\/|azure:\/\/)/, '');
}

/** A rule as it is stored and sent: amounts are decimal text, a discount is in percent. */
export interface PriceRuleJson {
  readonly match: {
    readonly node?: string | undefined;
    readonly provider_id?: string | undefined;
    readonly instance_type?: string | undefined;
    readonly region?: string | undefined;
    readonly pool?: string | undefined;
    readonly spot?: boolean | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly node_hour?: string | undefined;
  readonly cpu_core_hour?: string | undefined;
  readonly ram_gib_hour?: string | undefined;
  readonly gpu_hour?: string | undefined;
  readonly discount_percent?: string | undefined;
  readonly discount_of?: readonly DiscountedBasis[] | undefined;
}

/** Amounts may be numbers. Throws `RangeError` where one cannot be read. */
export type GivenPriceRule = {
  readonly [Name in keyof PriceRuleJson]: string extends PriceRuleJson[Name]
    ? string | number | undefined
    : PriceRuleJson[Name];
};

export function ruleToJson({ match, ...rule }: PriceRule): PriceRuleJson {
  const text = (amount: Money | undefined) => (amount === undefined ? undefined : formatMoney(amount));
  const { node, instanceType, providerId, region, pool, spot, labels } = match;
  return {
    match: { node, provider_id: providerId, instance_type: instanceType, region, pool, spot, labels },
    node_hour: text(rule.nodeHour),
    cpu_core_hour: text(rule.cpuCoreHour),
    ram_gib_hour: text(rule.ramGibHour),
    gpu_hour: text(rule.gpuHour),
    discount_percent: rule.discount && percentText(rule.discount.share),
    discount_of: rule.discount?.of,
  };
}

export function ruleFromJson({ match, ...json }: GivenPriceRule): PriceRule {
  const money = (given: string | number | undefined) => (given === undefined ? undefined : parseMoney(given));
  const { node, instance_type: instanceType, provider_id: providerId, region, pool, spot, labels } = match;
  const { discount_percent: percent, discount_of: of = DISCOUNTED_BASES } = json;
  return {
    match: { node, providerId, instanceType, region, pool, spot, labels },
    nodeHour: money(json.node_hour),
    cpuCoreHour: money(json.cpu_core_hour),
    ramGibHour: money(json.ram_gib_hour),
    gpuHour: money(json.gpu_hour),
    discount: percent === undefined ? undefined : { share: shareOf(percent), of },
  };
}

/** The last digit of a share, in percent. */
const FINEST_PERCENT = parseMoney('0.000001');

function shareOf(percent: string | number): bigint {
  return parseMoney(percent) / FINEST_PERCENT;
}

function percentText(share: bigint): string {
  return formatMoney(portionOf(FINEST_PERCENT, share, 1n));
}
