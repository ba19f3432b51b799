import { type ExchangeRate, parsePerUsd } from '../../src/core/currency.ts';
import { ratesOf } from '../../src/core/price-rates.ts';
import type { PriceRule } from '../../src/core/price-rules.ts';
import { ruleFromJson } from '../../src/core/price-rules.ts';
import { dayStart } from '../../src/lib/clock.ts';
import { parseMoney, ZERO } from '../../src/lib/money.ts';
import type { NewPriceVersion } from '../../src/store/relational/price-versions.ts';

/** A `book` line and the `rule` lines after it. */
export interface Book {
  readonly later: boolean;
  readonly fromMs: number;
  readonly values: ReadonlyMap<string, string>;
  readonly rules: ReadonlyMap<string, string>[];
}

/** What a case calls prices, as the product has them. */
export function versionOf({ fromMs, values, rules }: Book): NewPriceVersion {
  const rate = (key: string, otherwise: string) => parseMoney(values.get(key) ?? otherwise);
  const [cpu, ram] = [values.get('cpu') ?? '0', values.get('ram') ?? '0'];
  return {
    clusterId: null,
    effectiveFrom: fromMs,
    base: 'default',
    rates: {
      ...ratesOf(() => ZERO),
      cpuCoreHour: rate('cpu', '0'),
      ramGibHour: rate('ram', '0'),
      spotCpuCoreHour: rate('spot.cpu', cpu),
      spotRamGibHour: rate('spot.ram', ram),
      gpuHour: rate('gpu', '0'),
      spotGpuHour: rate('spot.gpu', values.get('gpu') ?? '0'),
      networkZoneGib: rate('zone', '0'),
      networkRegionGib: rate('region', '0'),
      networkInternetGib: rate('internet', '0'),
      managementHour: rate('management', '0'),
      storageGibHour: rate('storage', '0'),
      balancerHour: rate('balancer', '0.0225'),
    },
    storageClasses: Object.fromEntries(withPrefix(values, 'storage.').map(([name, text]) => [name, parseMoney(text)])),
    rules: rules.map(ruleOf),
    note: 'golden case',
    createdAt: fromMs,
    createdBy: 'test',
  };
}

function ruleOf(words: ReadonlyMap<string, string>): PriceRule {
  const [off, of] = [words.get('off'), words.get('of')];
  const labels = Object.fromEntries(withPrefix(words, 'label.'));
  return ruleFromJson({
    match: {
      node: words.get('node'),
      instance_type: words.get('type'),
      region: words.get('region'),
      pool: words.get('pool'),
      spot: words.has('spot') ? words.get('spot') === 'yes' : undefined,
      labels: Object.keys(labels).length === 0 ? undefined : labels,
    },
    node_hour: words.get('price'),
    cpu_core_hour: words.get('cpu'),
    ram_gib_hour: words.get('ram'),
    gpu_hour: words.get('gpu'),
    discount_percent: off?.replace('%', ''),
    discount_of: of === 'book' || of === 'reported' ? [of] : undefined,
  });
}

/** A node's labels: those it has, and the one of its pool. */
export function nodeLabels(values: ReadonlyMap<string, string>): Record<string, string> {
  const pool = values.get('pool');
  return {
    ...Object.fromEntries(withPrefix(values, 'label.')),
    ...(pool === undefined ? {} : { 'karpenter.sh/nodepool': pool }),
  };
}

/** An `exchange` line: what a dollar is from a day on. */
export function exchangeRate(perUsd: string, fromMs: number): ExchangeRate {
  return { effectiveOn: dayStart(fromMs), perUsd: parsePerUsd(perUsd) };
}

function withPrefix(values: ReadonlyMap<string, string>, prefix: string): [string, string][] {
  return [...values].flatMap(([key, text]): [string, string][] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), text]] : [],
  );
}
