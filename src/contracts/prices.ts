import { z } from 'zod';
import { Instant, Name, Note, TenantOf, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

/** The book that everybody has. */
const BUILT_IN_ID = '00000000-0000-4000-8000-000000000001';

/** US dollars per unit; `RATE_MAX` of the core is the same. */
const RATE_MAX = 999_999;
const DECIMAL = /^\d{1,6}(\.\d{1,12})?$/;
const EXPECTED = `must be from 0 to ${RATE_MAX}, with at most 12 decimals: a number, or text such as "0.031611"`;

/** Exact to 1e-12, like the text. */
const rateNumber = z
  .number(EXPECTED)
  .min(0, EXPECTED)
  .max(RATE_MAX, EXPECTED)
  .refine((rate) => rate === 0 || rate >= 1e-12, 'must be 0 or at least 1e-12');

const amount = z.union([z.string(EXPECTED).regex(DECIMAL, EXPECTED), rateNumber]);
const rate = (unit: string) => amount.describe(`US dollars per ${unit}`);
const exactRate = z.string().describe('Exact decimal text, US dollars');

/** A book of rates that a version may begin with. */
export const PriceBase = z.enum(['default', 'aws', 'azure', 'gcp']);

/** Which rates stand for themselves where the version names no book to begin with. */
const REQUIRED_RATES = [
  'cpu_core_hour',
  'ram_gib_hour',
  'gpu_hour',
  'spot_cpu_core_hour',
  'spot_ram_gib_hour',
  'storage_gib_hour',
] as const;

/** GiB is 2^30 bytes; a month is 730 hours. What is not given is as in the book of `base`. */
const NewRates = z.strictObject({
  cpu_core_hour: rate('core and hour').optional(),
  ram_gib_hour: rate('GiB and hour').optional(),
  gpu_hour: rate('GPU and hour').optional(),
  spot_cpu_core_hour: rate('core and hour of a spot node').optional(),
  spot_ram_gib_hour: rate('GiB and hour of a spot node').optional(),
  spot_gpu_hour: rate('GPU and hour of a spot node').optional(),
  storage_gib_hour: rate('GiB and hour of a volume').optional(),
  balancer_hour: rate('load balancer and hour').optional(),
  network_zone_gib: rate('GiB sent to another zone').optional(),
  network_region_gib: rate('GiB sent to another region').optional(),
  network_internet_gib: rate('GiB sent to the internet').optional(),
  management_hour: rate('hour of a cluster: what the provider takes for its control plane').optional(),
});

/** What a rule compares with; capital and small letters are the same. */
const Matched = z
  .string()
  .trim()
  .min(1)
  .max(512)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not contain control characters or unpaired surrogates');

const NodeMatch = z
  .strictObject({
    node: Matched.optional().describe('Name of the node'),
    provider_id: Matched.optional().describe('Whole, or of an AWS node its instance: i-0abc'),
    instance_type: Matched.optional(),
    region: Matched.optional(),
    pool: Matched.optional().describe('Node group, as the clouds’ and Karpenter’s labels name it'),
    spot: z.boolean().optional(),
    labels: z.record(Matched, Matched).optional().describe('Labels of the node, at most 8'),
  })
  .describe('All of this must be so of a node; without any of it, every node fits');

const percent = z
  .union([
    z.string().regex(/^(100(\.0{1,6})?|\d{1,2}(\.\d{1,6})?)$/, 'must be a decimal from 0 to 100, such as "12.5"'),
    z.number().min(0).max(100),
  ])
  .describe('Percent off, to six decimals');

const DiscountOf = z
  .array(z.enum(['book', 'reported']))
  .min(1)
  .max(2)
  .describe('Which prices it is off: rates of this version, prices that sources report; both when not given');

const ruleShape = <Amount extends z.ZodType, Percent extends z.ZodType>(amount: Amount, percentOff: Percent) => ({
  match: NodeMatch,
  node_hour: amount.optional().describe('The whole node for an hour, before what its source reports'),
  cpu_core_hour: amount.optional().describe('Committed rate of a core and hour'),
  ram_gib_hour: amount.optional().describe('Committed rate of a GiB and hour'),
  gpu_hour: amount.optional().describe('Rate of a GPU and hour; on top of a node_hour'),
  discount_percent: percentOff.optional(),
  discount_of: DiscountOf.optional(),
});

const NewPriceRule = z.strictObject(ruleShape(amount, percent));
const PriceRule = z.object(ruleShape(exactRate, z.string()));

const PriceVersionHead = z.object({
  price_version_id: Uuid,
  built_in: z.boolean().describe('The book that applies where a tenant has none of its own'),
  cluster_id: Uuid.nullable(),
  cluster_name: z.string().nullable().describe('null is every cluster of the tenant'),
  effective_from: z.string(),
  currency: z.literal('USD'),
  base: PriceBase.describe('The book that the rates come from which the version does not name itself'),
  rates: z.object({
    cpu_core_hour: exactRate,
    ram_gib_hour: exactRate,
    gpu_hour: exactRate,
    spot_cpu_core_hour: exactRate,
    spot_ram_gib_hour: exactRate,
    spot_gpu_hour: exactRate,
    storage_gib_hour: exactRate,
    balancer_hour: exactRate,
    network_zone_gib: exactRate,
    network_region_gib: exactRate,
    network_internet_gib: exactRate,
    management_hour: exactRate,
  }),
  storage_class_count: z.number().int(),
  rule_count: z.number().int(),
  note: z.string(),
  created_at: z.string(),
  created_by: z.string(),
});
export type PriceVersionHead = z.infer<typeof PriceVersionHead>;

export const PriceVersion = PriceVersionHead.extend({
  storage_classes: z.record(z.string(), exactRate).describe('Storage class → rate of a GiB and hour'),
  rules: z.array(PriceRule),
});
export type PriceVersion = z.infer<typeof PriceVersion>;

export const listPrices = defineRoute({
  method: 'GET',
  url: '/v1/prices',
  summary:
    'Price versions in the order of their arrival; for an hour the narrowest, then the latest, then the last one wins',
  scope: 'read',
  reply: z.object({ prices: z.array(PriceVersionHead) }),
});

/** What a version is of, and what its rates are: the same however its rules are given. */
const NewPrice = {
  tenant_id: TenantOf,
  cluster_name: Name.optional().describe('A known cluster; every cluster of the tenant when not given'),
  effective_from: Instant.describe('RFC 3339 instant on a whole hour, UTC'),
  note: Note.default(''),
};
const StorageClasses = z
  .record(Name, rate('GiB and hour of a volume of the class'))
  .default({})
  .describe('Storage class → rate, before storage_gib_hour; at most 200');

export const addPrice = defineRoute({
  method: 'POST',
  url: '/v1/prices',
  summary: 'Add a price version; hours it applies to are priced again',
  scope: 'admin',
  status: 201,
  body: z
    .strictObject({
      ...NewPrice,
      base: PriceBase.optional().describe('The book to begin with: all rates may then be left out'),
      rates: NewRates.default({}),
      storage_classes: StorageClasses,
      rules: z
        .array(NewPriceRule)
        .max(1_000)
        .default([])
        .describe('Other prices of some nodes; of each thing that rules set, the first rule that fits counts'),
    })
    .superRefine(({ base, rates }, context) => {
      if (base !== undefined) return;
      for (const name of REQUIRED_RATES) {
        if (rates[name] !== undefined) continue;
        context.addIssue({ code: 'custom', path: ['rates', name], message: 'must be given where no base is' });
      }
    })
    .meta({ examples: [{ effective_from: '2026-02-01T00:00:00Z', base: 'aws', note: 'list prices' }] }),
  reply: PriceVersion,
});

export const importPrices = defineRoute({
  method: 'POST',
  url: '/v1/prices/import',
  summary: 'Add a price version whose rules and storage classes are a price book of OpenCost (CSV)',
  scope: 'admin',
  status: 201,
  body: z.strictObject({
    ...NewPrice,
    base: PriceBase.default('default'),
    rates: NewRates.default({}),
    csv: z
      .string()
      .min(1)
      .max(1_048_576)
      .meta({ examples: ['InstanceID,InstanceIDField,MarketPriceHourly\nworker-a,metadata.name,0.24'] })
      .describe('InstanceID, InstanceIDField, MarketPriceHourly and, where they are, AssetClass, Region, InstanceType'),
  }),
  reply: PriceVersion,
});

export const getPrice = defineRoute({
  method: 'GET',
  url: '/v1/prices/:price_version_id',
  summary: 'One price version, with the rates of its storage classes and its rules',
  scope: 'read',
  params: z.strictObject({ price_version_id: Uuid.meta({ examples: [BUILT_IN_ID] }) }),
  reply: PriceVersion,
});

const PriceBook = z.object({ base: PriceBase, rates: PriceVersionHead.shape.rates });

export const listPriceBooks = defineRoute({
  method: 'GET',
  url: '/v1/prices/books',
  summary: 'The books that a price version may begin with: rates of providers before any contract',
  scope: 'read',
  reply: z.object({ books: z.array(PriceBook) }),
});
