import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { NAME_CHARS_MAX, UNPRINTABLE } from './fields.ts';

const PROBLEMS_SHOWN_MAX = 20;

/** The outer shape of a post; its rows are read elsewhere, by hand, because there are many of them. */
export function parseEnvelope<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ path, message }) => ({ field: path.join('.'), message }));
  const text = problems.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
  throw new AppError('invalid_payload', `cannot read the post: ${text}`, { details: { problems } });
}

export const nameSchema = z
  .string()
  .max(NAME_CHARS_MAX)
  .refine((text) => !UNPRINTABLE.test(text), 'must not contain control characters or unpaired surrogates');

/** A list whose items are checked one by one later. */
export const listSchema = z.custom<readonly unknown[]>((value) => Array.isArray(value), 'must be a list');

const SECONDS_TEXT = /^\d{1,13}(\.\d{1,9})?$/;

/** A Unix timestamp as agents write it: a number, or the text of one. */
export function isSecondsSinceEpoch(value: unknown): value is number | string {
  if (typeof value === 'string') return SECONDS_TEXT.test(value);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
