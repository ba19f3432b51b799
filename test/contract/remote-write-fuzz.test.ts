import * as fc from 'fast-check';
import { compressSync } from 'snappy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  encodeV1,
  encodeV2,
  field,
  type SentSeries,
  type SentVersion,
  varint,
  writeHeaders,
} from '../support/remote-write.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Whatever a body holds: taken, or refused with a reason; never a failure of ours, and never memory without bound. */
const RUNS = 400;
const LYING_BODIES = 50;
const GROWTH_MAX = 64 * 2 ** 20;

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
  key = await server.key(await server.tenant(), ['ingest']);
});
afterAll(() => server.close());

const statusOf = async (payload: Buffer, version: SentVersion) =>
  (
    await server.app.inject({
      method: 'POST',
      url: '/api/v1/write',
      payload,
      headers: { ...writeHeaders(version), 'x-api-key': key },
    })
  ).statusCode;

const text = fc.oneof(
  fc.constantFrom('__name__', 'up', 'pod', 'cluster', ''),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const series: fc.Arbitrary<SentSeries> = fc.record({
  labels: fc.array(fc.tuple(text, text), { maxLength: 6 }),
  samples: fc.array(fc.record({ at: fc.maxSafeInteger(), value: fc.double() }), { maxLength: 4 }),
});
const number = fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(127, 128, 2 ** 31, 2 ** 32 - 1, 2 ** 53));
/** Protobuf whose fields are anything, nested in any way, with lengths that may lie. */
const { message } = fc.letrec<{ message: Buffer; part: Buffer }>((tie) => ({
  message: fc.array(tie('part'), { maxLength: 6 }).map((parts) => Buffer.concat(parts)),
  part: fc.oneof(
    { maxDepth: 5 },
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.integer({ min: 0, max: 6 }), number)
      .map(([id, value]) => Buffer.concat([varint(id << 3), varint(value)])),
    fc
      .tuple(fc.integer({ min: 0, max: 6 }), number)
      .map(([id, length]) => Buffer.concat([varint((id << 3) | 2), varint(length)])),
    fc.tuple(fc.integer({ min: 1, max: 6 }), tie('message')).map(([id, body]) => field(id, [body])),
  ),
}));
const version = fc.constantFrom<SentVersion>('1.0', '2.0');
const request = fc.oneof(
  message,
  fc
    .tuple(fc.array(series, { maxLength: 4 }), version)
    .map(([all, form]) => (form === '1.0' ? encodeV1(all) : encodeV2(all))),
);
/** Whole, cut, or with one byte changed. */
const body = fc
  .tuple(request, fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('whole', 'cut', 'changed'))
  .map(([bytes, at, byte, how]) => {
    const packed = compressSync(bytes);
    if (how === 'cut') return packed.subarray(0, at % (packed.length + 1));
    if (how === 'changed') packed[at % packed.length] = byte;
    return packed;
  });

test('no body makes the server fail', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, version, async (payload, form) => {
      const status = await statusOf(payload, form);
      seen.add(status);
      expect([204, 400, 413, 422]).toContain(status);
    }),
    { numRuns: RUNS },
  );
  expect([...seen]).toEqual(expect.arrayContaining([204, 400]));
});

test('a body that promises much is refused before it costs much', async () => {
  const zeros = compressSync(Buffer.alloc(60 * 2 ** 20)); // 60 MiB in three
  const symbols = compressSync(Buffer.concat(Array.from({ length: 1_100_000 }, () => Buffer.from([0x22, 0x00]))));
  const refs = compressSync(Buffer.concat([field(4, []), field(5, [field(1, [Buffer.alloc(1_000_000)])])]));
  const samples = compressSync(
    Buffer.concat(Array.from({ length: 200_000 }, () => Buffer.from([0x0a, 0x02, 0x12, 0x00]))),
  );
  expect(await statusOf(zeros, '1.0')).toBe(400);
  expect(await statusOf(symbols, '2.0')).toBe(400);
  expect(await statusOf(refs, '2.0')).toBe(400);
  expect(await statusOf(samples, '1.0')).toBe(422);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < LYING_BODIES; i += 1) {
    expect(await statusOf(Buffer.concat([varint(64 * 2 ** 20), Buffer.alloc(1_000)]), '1.0')).toBe(400);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH_MAX); // each promises 64 MiB
});
