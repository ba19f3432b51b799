import * as fc from 'fast-check';
import { z } from 'zod';
import { HOUR_MS, hourStart } from '../../src/lib/clock.ts';

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  examples: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});
type Schema = z.infer<typeof Schema>;

/** What a careless, a broken or a hostile sender puts where a value should be. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, '', ' ', '0', '-1', 'NaN', '1e309', -0, -1, 2 ** 53, 1e308, true, [], {}),
  fc.constantFrom<unknown>(
    "'; drop table api_keys; --",
    '{x:String}',
    '%00',
    'a\u0000b',
    'a\ud800b',
    '\u202e',
    '../../etc/passwd',
    'constructor',
    '__proto__',
    'x'.repeat(5_000),
    '0001-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59+23:59',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/**
 * Values that a contract describes; half of them with something hostile in the place of any part. Where it asks for a
 * UUID, it is mostly one of `uuids`, so that some of them mean something.
 */
export function contractValue(schema: z.ZodType, uuids: readonly string[]): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const uuid = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...uuids) }, { weight: 1, arbitrary: fc.uuid() });
  const honest: Maker = { hostile: false, uuid, part: (it) => valueOf(Schema.parse(it ?? {}), honest) };
  const hostile: Maker = {
    hostile: true,
    uuid,
    part: (it) =>
      fc.oneof(
        { weight: 9, arbitrary: valueOf(Schema.parse(it ?? {}), hostile) },
        { weight: 1, arbitrary: hostileValue },
      ),
  };
  return fc.oneof(honest.part(json), hostile.part(json));
}

interface Maker {
  readonly hostile: boolean;
  readonly uuid: fc.Arbitrary<string>;
  readonly part: (json: unknown) => fc.Arbitrary<unknown>;
}

function valueOf(schema: Schema, maker: Maker): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((it) => maker.part(it)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.examples && !maker.hostile) return fc.constantFrom(...schema.examples);
  const types = [schema.type ?? []].flat().flatMap((type) => BY_TYPE[type] ?? []);
  return types.length === 0 ? hostileValue : fc.oneof(...types.map((make) => make(schema, maker)));
}

const BY_TYPE: Readonly<Record<string, (schema: Schema, maker: Maker) => fc.Arbitrary<unknown>>> = {
  object: objectOf,
  array: ({ items }, { part }) => fc.array(part(items), { minLength: 1, maxLength: 3 }),
  string: textOf,
  integer: ({ format }) => (format === 'unix-ms' ? recentMoment : fc.integer({ min: 0, max: 1_000 })),
  number: (_, { hostile }) =>
    hostile
      ? fc.oneof(fc.nat({ max: 1_000 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
      : fc.nat({ max: 1_000 }),
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
};

function objectOf(schema: Schema, { hostile, part }: Maker): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.fromEntries(Object.entries(properties).map(([name, json]) => [name, part(json)]));
  const described = fc.record(fields, { requiredKeys: [...required] });
  if (additionalProperties === false && !hostile) return described;
  const open = typeof additionalProperties === 'object' ? part(additionalProperties) : hostileValue;
  const extra = fc.dictionary(fc.string({ maxLength: 10 }), open, { maxKeys: 1 });
  return fc.tuple(described, extra).map(([known, more]) => ({ ...more, ...known }));
}

function textOf({ format, pattern }: Schema, { uuid }: Maker): fc.Arbitrary<string> {
  if (format === 'date-time') return recentHour;
  if (format === 'uuid' || format === 'guid') return uuid;
  return pattern === undefined ? anyText : fc.stringMatching(new RegExp(pattern, 'u'));
}

/** Recent enough for samples, and a whole hour, as prices need. */
const recentHour = fc.nat({ max: 120 }).map((hours) => new Date(hourStart(Date.now()) - hours * HOUR_MS).toISOString());
const recentMoment = fc.nat({ max: HOUR_MS }).map((ms) => Date.now() - ms);
const anyText = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('east', 'shop', '0.05', '250m', '1Gi'));
