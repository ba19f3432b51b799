import { z } from 'zod';
import { wholeNumberOr } from './numbers.ts';

/** What a key allows. `admin` is of the key's own tenant; `operator` may make tenants, and act as admin of any. */
export const Scope = z.enum(['ingest', 'read', 'admin', 'operator']);
export type Scope = z.infer<typeof Scope>;

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\n\t]|\p{Cs}/u;

/** Name of a tenant, cluster or key. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .refine((text) => !CONTROL.test(text), 'must not contain control characters or unpaired surrogates');

export const Note = z
  .string()
  .max(1_000)
  .refine((text) => !CONTROL_BUT_LINES.test(text), 'must not contain control characters or unpaired surrogates');

export const Instant = z.iso.datetime({ offset: true }).describe('RFC 3339 instant, e.g. 2026-01-31T00:00:00Z');

export const Uuid = z.guid();

export const TenantOf = Uuid.optional().describe('The caller’s own tenant when not given; another takes an operator');

/** What an answer's money is in; capital and small letters are the same. */
export const AnswerCurrency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be three letters, such as EUR')
  .meta({ examples: ['USD'] })
  .default('USD')
  .describe('ISO 4217; each day’s cost by the rate of that day (/v1/currencies)');

export const PageLimit = wholeNumberOr({ min: 1, max: 1_000, absent: 100 });
