import { POOL_LABELS } from '../core/pool-labels.ts';
import { type DiscountedBasis, matchedFields, type PriceRule, setsPrice } from '../core/price-rules.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';

/** A price version as the ledger's statements are bound to it: rates in pico-dollars. */
export function priceParams({ id, rates, storageClasses }: PriceVersion) {
  return {
    price_version: id,
    cpu_rate: rates.cpuCoreHour.toString(),
    ram_rate: rates.ramGibHour.toString(),
    gpu_rate: rates.gpuHour.toString(),
    spot_cpu_rate: rates.spotCpuCoreHour.toString(),
    spot_ram_rate: rates.spotRamGibHour.toString(),
    spot_gpu_rate: rates.spotGpuHour.toString(),
    storage_rate: rates.storageGibHour.toString(),
    storage_classes: Object.keys(storageClasses),
    storage_class_rates: Object.values(storageClasses),
    balancer_rate: rates.balancerHour.toString(),
    network_zone_rate: rates.networkZoneGib.toString(),
    network_region_rate: rates.networkRegionGib.toString(),
    network_internet_rate: rates.networkInternetGib.toString(),
    management_rate: rates.managementHour.toString(),
  };
}

const KEY_SEPARATOR = '\x1f';
/** The first of each list stands for "no rule fits", so that a place of 0 needs no case of its own. */
const NO_RATE = -1n;
const NO_DISCOUNT = 0n;

/** Rules as rules-of-nodes.sql finds them: by keys, with a place in a list for each thing that a rule may set. */
export function ruleParams(rules: readonly PriceRule[]) {
  const kinds = new Map<string, number>();
  const keyOf = ({ match }: PriceRule): string => {
    const asked = matchedFields(match);
    const fields = asked.map(([field]) => field).join(KEY_SEPARATOR);
    const kind = kinds.get(fields) ?? kinds.size + 1;
    kinds.set(fields, kind);
    return [kind, asked.map(([, value]) => value).join(KEY_SEPARATOR)].join(KEY_SEPARATOR);
  };
  // An empty list cannot be looked up in: the first entry is no rule's. Each text is sent once: the engine reads 256 kB.
  const keys = [...new Set(['', ...rules.map(keyOf)])];
  const pricing = rules.filter(setsPrice);
  const ofGpus = rules.filter(({ gpuHour }) => gpuHour !== undefined);
  const discounts = rules.filter(({ discount }) => discount !== undefined);
  const rate = (amount: bigint | undefined) => amount ?? NO_RATE;
  const discountsOf = (basis: DiscountedBasis) =>
    discounts.map(({ discount }) => (discount?.of.includes(basis) ? discount.share : NO_DISCOUNT));
  return {
    rule_keys: keys,
    price_places: placesIn(keys, pricing.map(keyOf)),
    gpu_places: placesIn(keys, ofGpus.map(keyOf)),
    discount_places: placesIn(keys, discounts.map(keyOf)),
    rule_fields: [...kinds.keys()].map((fields) => (fields === '' ? [] : fields.split(KEY_SEPARATOR))),
    pool_labels: [...POOL_LABELS],
    rule_node_rates: [NO_RATE, ...pricing.map(({ nodeHour }) => rate(nodeHour))],
    rule_cpu_rates: [NO_RATE, ...pricing.map(({ cpuCoreHour }) => rate(cpuCoreHour))],
    rule_ram_rates: [NO_RATE, ...pricing.map(({ ramGibHour }) => rate(ramGibHour))],
    rule_gpu_rates: [NO_RATE, ...ofGpus.map(({ gpuHour }) => rate(gpuHour))],
    book_discounts: [NO_DISCOUNT, ...discountsOf('book')],
    reported_discounts: [NO_DISCOUNT, ...discountsOf('reported')],
  };
}

/** For each key the place of the first rule that has it, from 1; 0 where none has. */
function placesIn(keys: readonly string[], ofRules: readonly string[]): number[] {
  const places = new Map<string, number>();
  for (const [index, key] of ofRules.entries()) if (!places.has(key)) places.set(key, index + 1);
  return keys.map((key) => places.get(key) ?? 0);
}
