import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  allocationRow as old,
  allocationProperties as properties,
  readAllocationRow as read,
  STATED_AT,
  ALLOCATION_WINDOW as WINDOW,
} from '../../../test/support/allocation.ts';
import { hostileValue } from '../../../test/support/schema-arbitrary.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { UNPRINTABLE } from '../fields.ts';

test('whatever an allocation holds, its facts hold whole numbers and texts, or it is refused', () => {
  const numbers = Object.entries(old).flatMap(([key, value]) => (typeof value === 'number' ? [key] : []));
  const field = fc.constantFrom(...numbers, 'pvs', 'window', 'properties', 'start', 'externalCost', 'sharedCost');
  const number = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom('NaN', '1e999', '-0', null, 1e300, -1e300, -5e-324),
  );
  const pvs = fc.dictionary(fc.string(), fc.oneof(hostileValue, fc.record({ byteHours: number, cost: number })), {
    maxKeys: 3,
  });
  const hostile = fc.dictionary(field, fc.oneof(hostileValue, number, pvs), { maxKeys: 6 });
  const names = fc.dictionary(fc.constantFrom(...Object.keys(properties)), fc.oneof(hostileValue, fc.string()), {
    maxKeys: 4,
  });
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant('\u0000/__shared__'),
    fc.constantFrom('__idle__', 'a/__idle__', 'a/b/__idle__', '/__shared__', '__proto__'),
  );
  fc.assert(
    fc.property(hostile, names, key, (more, names, key) => {
      const row = { ...old, properties: { ...properties, ...names }, ...more };
      const { fault, facts } = read(row, key);
      if (fault) return;
      for (const fact of facts) {
        const { amounts, texts, labels, hour, ...identity } = fact;
        const isWhole = (amount: unknown) => Number.isSafeInteger(amount) && !Object.is(amount, -0);
        expect(Object.values(amounts).every(isWhole)).toBe(true);
        for (const text of [...Object.values(texts), ...Object.values(labels)]) expect(typeof text).toBe('string');
        expect(hour % HOUR_MS).toBe(0);
        for (const name of Object.values(identity)) {
          expect(name === STATED_AT || (typeof name === 'string' && !UNPRINTABLE.test(name))).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

const Answer = z.object({ data: z.array(z.record(z.string(), z.looseObject({}))) });
const FIXTURE = new URL('../../../../shared/fixtures/opencost/allocation-example-output.json', import.meta.url);

describe.skipIf(!existsSync(FIXTURE))('a real answer of OpenCost (needs ../shared/fixtures)', () => {
  test('week-long sums of namespaces are refused, each with its reason', () => {
    const { data } = Answer.parse(JSON.parse(readFileSync(FIXTURE, 'utf8')));
    const faults = Object.entries(data[0] ?? {}).map(([key, row]) => read(row, key).fault);
    expect(faults).toEqual(Array.from({ length: 3 }, () => ({ field: 'window', message: 'must be one whole hour' })));
  });

  test('their numbers are read to the last decimal', () => {
    const { data } = Answer.parse(JSON.parse(readFileSync(FIXTURE, 'utf8')));
    const asHour = { window: WINDOW, minutes: 60, properties };
    const row = { ...data[0]?.['kube-system'], ...asHour };
    expect(read(row).facts[0]?.amounts).toEqual({
      run_ms: HOUR_MS,
      cpu_ucs: 272_012_940_000,
      cpu_usage_ucs: 33_768_000,
      cpu_request_ucs: 1_619_244_000,
      ram_bs: 147_081_073_884_877,
      ram_usage_bs: 493_024_836_053,
      ram_request_bs: 528_237_543_202,
      network_received_bytes: 25_062_824_594,
      network_sent_bytes: 24_490_388_368,
      cpu_cost_pico: 1_430_860_000_000,
      ram_cost_pico: 96_570_000_000,
    });
  });
});
