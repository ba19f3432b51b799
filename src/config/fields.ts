import { z } from 'zod';
import { Secret } from './secret.ts';

/** Building blocks of the schema: each says in its error what it would have taken. */

const BYTES_PER_UNIT = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
const BYTES_PATTERN = /^(\d{1,9})(KiB|MiB|GiB)$/;
const BYTES_ERROR = 'expected a whole number of bytes, or text such as "512MiB" (KiB, MiB, GiB)';

interface ByteRange {
  readonly min: number;
  readonly max: number;
  readonly standard: string;
}

/** A size: a whole number of bytes, or text such as `512MiB`. The parsed value is a number of bytes. */
export function bytes({ min, max, standard }: ByteRange) {
  return z
    .union([z.int(), z.string().regex(BYTES_PATTERN, BYTES_ERROR)], { error: BYTES_ERROR })
    .transform(bytesOf)
    .pipe(z.number().min(min).max(max))
    .prefault(standard);
}

function bytesOf(value: number | string): number {
  if (typeof value === 'number') return value;
  const [, count = '0', unit = 'KiB'] = BYTES_PATTERN.exec(value) ?? [];
  return Number(count) * (unit === 'GiB' || unit === 'MiB' ? BYTES_PER_UNIT[unit] : BYTES_PER_UNIT.KiB);
}

/** A whole number between two named limits. */
export function whole(min: number, max: number, standard: number) {
  return z.int().min(min).max(max).default(standard);
}

/** A text that is never printed. `writeOnly` marks it in the JSON Schema and the reference. */
export function secret(lengthMin = 1) {
  return z
    .string()
    .min(lengthMin)
    .max(1_000)
    .meta({ writeOnly: true })
    .transform((text) => new Secret(text));
}

/** What a header can carry: printable ASCII and Latin signs, in one line. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** A secret that is sent in a header. A line break in it would make each request fail, with an error that quotes it. */
export function headerSecret() {
  return z
    .string()
    .trim() // a block of YAML ends with a line break
    .regex(HEADER_VALUE, 'expected what a header can carry: one line of Latin signs')
    .max(1_000)
    .meta({ writeOnly: true })
    .transform((text) => new Secret(text));
}

/** An address with its credentials inside, such as `postgres://user:password@host/db`: secret as a whole. */
export function secretUrl(protocol: RegExp, example: string) {
  return z
    .url({ protocol, error: `expected an address such as ${example}` })
    .max(2_000)
    .meta({ writeOnly: true })
    .transform((text) => new Secret(text));
}

/** An HTTP address that carries no credentials: those have keys of their own, which are never printed. */
export function httpUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://clickhouse:8123' })
    .max(2_000)
    .refine((text) => withoutCredentials(text), 'put user and password in their own keys, not in the address');
}

function withoutCredentials(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed === null || (parsed.username === '' && parsed.password === '');
}
