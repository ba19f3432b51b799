import { z } from 'zod';
import { Instant, Name, Note, TenantOf, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const DECIMAL = /^\d{1,6}(\.\d{1,12})?$/;

/** Exact to 1e-12, like the text. */
const rateNumber = z
  .number()
  .max(999_999)
  .refine((rate) => rate === 0 || rate >= 1e-12, 'must be 0 or at least 1e-12');

const rate = (unit: string) =>
  z
    .union([z.string().regex(DECIMAL, 'must be a decimal such as "0.031611"'), rateNumber])
    .describe(`US dollars per ${unit}`);
const exactRate = z.string().describe('Exact decimal text, US dollars');

/** GiB is 2^30 bytes; a month is 730 hours. */
const NewRates = z.strictObject({
  cpu_core_hour: rate('core and hour'),
  ram_gib_hour: rate('GiB and hour'),
  gpu_hour: rate('GPU and hour'),
  spot_cpu_core_hour: rate('core and hour of a spot node'),
  spot_ram_gib_hour: rate('GiB and hour of a spot node'),
  storage_gib_hour: rate('GiB and hour of a volume'),
});

export const PriceVersion = z.object({
  price_version_id: Uuid,
  built_in: z.boolean().describe('The book that applies where a tenant has none of its own'),
  cluster_id: Uuid.nullable(),
  cluster_name: z.string().nullable().describe('null is every cluster of the tenant'),
  effective_from: z.string(),
  currency: z.literal('USD'),
  rates: z.object({
    cpu_core_hour: exactRate,
    ram_gib_hour: exactRate,
    gpu_hour: exactRate,
    spot_cpu_core_hour: exactRate,
    spot_ram_gib_hour: exactRate,
    storage_gib_hour: exactRate,
  }),
  note: z.string(),
  created_at: z.string(),
  created_by: z.string(),
});
export type PriceVersion = z.infer<typeof PriceVersion>;

export const listPrices = defineRoute({
  method: 'GET',
  url: '/v1/prices',
  summary:
    'Price versions in the order of their arrival; for an hour the narrowest, then the latest, then the last one wins',
  scope: 'read',
  reply: z.object({ prices: z.array(PriceVersion) }),
});

export const addPrice = defineRoute({
  method: 'POST',
  url: '/v1/prices',
  summary: 'Add a price version; hours it applies to are priced again',
  scope: 'admin',
  status: 201,
  body: z.strictObject({
    tenant_id: TenantOf,
    cluster_name: Name.optional().describe('A known cluster; every cluster of the tenant when not given'),
    effective_from: Instant.describe('RFC 3339 instant on a whole hour, UTC'),
    rates: NewRates,
    note: Note.default(''),
  }),
  reply: PriceVersion,
});
