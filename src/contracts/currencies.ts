import { z } from 'zod';
import { TenantOf } from './fields.ts';
import { defineRoute } from './route.ts';

const RATES_MAX = 10_000;

const Currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be three letters, such as EUR')
  .meta({ examples: ['EUR'] })
  .transform((code) => code.toUpperCase())
  .refine((code) => code !== 'USD', 'must not be USD: that is what everything is priced in');

const Day = z.iso
  .date()
  .refine((day) => day >= '1970-01-01', 'must not be before 1970-01-01')
  .meta({ examples: ['2026-01-31'] })
  .describe('Day (UTC) from which the rate stands until the next, e.g. 2026-01-31');

const PerUsd = z
  .union([
    z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be a decimal such as "0.917431193"'),
    z.number().min(1e-9).max(999_999_999),
  ])
  .describe('Units of the currency that one US dollar is, to nine decimals');

export const listCurrencies = defineRoute({
  method: 'GET',
  url: '/v1/currencies',
  summary: 'Currencies that have exchange rates; US dollars need none',
  scope: 'read',
  reply: z.object({
    currencies: z.array(
      z.object({ currency: z.string(), rates: z.number().int(), first_on: z.string(), last_on: z.string() }),
    ),
  }),
});

export const listExchangeRates = defineRoute({
  method: 'GET',
  url: '/v1/currencies/:currency',
  summary: 'The exchange rates of a currency by their days',
  scope: 'read',
  params: z.strictObject({ currency: Currency }),
  reply: z.object({
    currency: z.string(),
    rates: z.array(z.object({ effective_on: z.string(), per_usd: z.string() })),
  }),
});

export const putExchangeRates = defineRoute({
  method: 'POST',
  url: '/v1/currencies/:currency',
  summary: 'Add exchange rates of a currency, or replace those of the same days',
  scope: 'admin',
  params: z.strictObject({ currency: Currency }),
  body: z.strictObject({
    tenant_id: TenantOf,
    rates: z
      .array(z.strictObject({ effective_on: Day, per_usd: PerUsd }))
      .min(1)
      .max(RATES_MAX),
  }),
  reply: z.object({ currency: z.string(), rates: z.number().int().describe('How many were given') }),
});

export const removeExchangeRates = defineRoute({
  method: 'DELETE',
  url: '/v1/currencies/:currency',
  summary: 'Remove the exchange rate of a day, or all of the currency',
  scope: 'admin',
  params: z.strictObject({ currency: Currency }),
  query: z.strictObject({ tenant_id: TenantOf, effective_on: Day.optional() }),
  reply: z.object({ currency: z.string() }),
});
