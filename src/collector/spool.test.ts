import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER_BYTES } from './record.ts';
import { openSpool, type Spool, type SpoolLimits } from './spool.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const record = (number: number, bytes = 20) => Buffer.from(String(number).padStart(bytes, '0'));
const numberOf = (bytes: Buffer) => Number(bytes.toString());

async function takeAll(spool: Spool, each: () => Promise<void> = async () => {}): Promise<number[]> {
  const numbers: number[] = [];
  for (let batch = await spool.take(); batch; batch = await spool.take()) {
    numbers.push(...batch.records.map(numberOf));
    await batch.done();
    await each();
  }
  return numbers;
}

const segmentFiles = async () => (await readdir(folder)).filter((name) => name.endsWith('.spool')).sort();

describe('a spool', () => {
  test('gives back what it was given, in order, over several files and another process', async () => {
    const limits = { segmentBytes: 200 };
    const first = await openSpool(folder, limits);
    for (let number = 0; number < 50; number += 1) await first.append(record(number));
    await first.close();
    expect((await segmentFiles()).length).toBeGreaterThan(3);
    const second = await openSpool(folder, limits);
    expect(second.state).toMatchObject({ records: 50, droppedRecords: 0, damagedSegments: 0 });
    await second.append(record(50));
    expect(await takeAll(second)).toEqual(Array.from({ length: 51 }, (_, number) => number));
    expect(second.state).toMatchObject({ records: 0, bytes: 0 });
    await second.close();
    expect(await segmentFiles()).toEqual([]);
  });

  test('keeps what was taken and not done, and gives it again', async () => {
    const spool = await openSpool(folder);
    await spool.append(record(1));
    expect((await spool.take())?.records.map(numberOf)).toEqual([1]);
    expect((await spool.take())?.records.map(numberOf)).toEqual([1]);
    await spool.close();
    const again = await openSpool(folder);
    expect(await takeAll(again)).toEqual([1]);
    await again.close();
  });

  test('drops the oldest when it is full, and says how many', async () => {
    const spool = await openSpool(folder, { bytesMax: 2_000, segmentBytes: 300 });
    for (let number = 0; number < 500; number += 1) await spool.append(record(number));
    const { records, bytes, droppedRecords } = spool.state;
    expect(bytes).toBeLessThanOrEqual(2_000);
    expect(records + droppedRecords).toBe(500);
    const kept = await takeAll(spool);
    expect(kept).toEqual(Array.from({ length: records }, (_, index) => droppedRecords + index));
    expect(kept.length).toBeGreaterThan(40);
    await spool.close();
  });

  test('drops the oldest at its start where it may now be smaller', async () => {
    const large = await openSpool(folder, { segmentBytes: 300 });
    for (let number = 0; number < 100; number += 1) await large.append(record(number));
    await large.close();
    const small = await openSpool(folder, { bytesMax: 1_200 });
    expect(small.state.bytes).toBeLessThanOrEqual(1_200);
    expect((await takeAll(small)).at(-1)).toBe(99);
    await small.close();
  });

  test('what is being sent may be dropped meanwhile; that it is done then changes nothing', async () => {
    const spool = await openSpool(folder, { bytesMax: 1_000, segmentBytes: 250 });
    await spool.append(record(0));
    const batch = await spool.take();
    for (let number = 1; number < 100; number += 1) await spool.append(record(number));
    const before = spool.state;
    await batch?.done();
    expect(spool.state).toEqual(before);
    await spool.close();
  });

  test('appends that come together are all on disk when they resolve', async () => {
    const spool = await openSpool(folder);
    await Promise.all(Array.from({ length: 200 }, (_, number) => spool.append(record(number))));
    const copy = await mkdtemp(join(tmpdir(), 'kubetally-spool-'));
    for (const name of await segmentFiles()) await writeFile(join(copy, name), await readFile(join(folder, name)));
    const other = await openSpool(copy);
    expect(await takeAll(other)).toEqual(Array.from({ length: 200 }, (_, number) => number));
    await other.close();
    await spool.close();
    await rm(copy, { recursive: true });
  });

  test('uses one file over and over while the server keeps up', async () => {
    const spool = await openSpool(folder);
    for (let number = 0; number < 20; number += 1) {
      await spool.append(record(number));
      expect(await takeAll(spool)).toEqual([number]);
    }
    const files = await segmentFiles();
    expect(files).toHaveLength(1);
    expect((await stat(join(folder, files[0] ?? ''))).size).toBe(0);
    await spool.close();
  });

  test('refuses what is too large, too much at once, or too late', async () => {
    const spool = await openSpool(folder, { waitingBytesMax: 1_000 });
    await expect(spool.append(Buffer.alloc(5 * 2 ** 20))).rejects.toMatchObject({ code: 'limit_exceeded' });
    await expect(spool.append(Buffer.alloc(0))).rejects.toMatchObject({ code: 'limit_exceeded' });
    const many = Array.from({ length: 100 }, (_, number) => spool.append(record(number)));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(spool.state.records).toBe(kept);
    await spool.close();
    await expect(spool.append(record(1))).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a reader hears of the first record, and of the wish to stop', async () => {
    const spool = await openSpool(folder);
    expect(await spool.take()).toBeNull();
    const heard = spool.filled(AbortSignal.timeout(5_000));
    await spool.append(record(1));
    await heard;
    expect(await takeAll(spool)).toEqual([1]);
    const stop = new AbortController();
    const waiting = spool.filled(stop.signal);
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    await spool.close();
  });

  test('damage in the middle of a file costs what is behind it in that file, is counted, and blocks nothing', async () => {
    const limits = { segmentBytes: 300 };
    const spool = await openSpool(folder, limits);
    for (let number = 0; number < 30; number += 1) await spool.append(record(number));
    const [first = ''] = await segmentFiles();
    const bytes = await readFile(join(folder, first));
    bytes.fill(0xff, 0, HEADER_BYTES);
    await writeFile(join(folder, first), bytes);
    const numbers = await takeAll(spool);
    expect(numbers.length).toBeGreaterThan(15);
    expect(numbers.at(-1)).toBe(29);
    expect(spool.state.damagedSegments).toBe(1);
    await spool.close();
  });
});

/** What is done to a spool; a crash leaves what was acknowledged, and any part of one record that was not. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), bytes: fc.integer({ min: 8, max: 400 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), done: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), torn: fc.nat({ max: 200 }) }) },
);

test('law: whatever is appended, taken and torn off by crashes, every acknowledged record is delivered, in order, unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const limits: Partial<SpoolLimits> = { segmentBytes: 1_000, batchBytesMax: 900 };
      const own = await mkdtemp(join(folder, 'run-'));
      let spool = await openSpool(own, limits);
      let appended = 0;
      let settled = 0; // all below are delivered and done
      const check = (numbers: number[]) => {
        // after a crash some come again, but never out of order and never a gap
        const [first = settled] = numbers;
        expect(first).toBeLessThanOrEqual(settled);
        expect(numbers).toEqual(numbers.map((_, index) => first + index));
        return first + numbers.length;
      };
      for (const each of steps) {
        if (each.kind === 'append') {
          await spool.append(record(appended, each.bytes));
          appended += 1;
        } else if (each.kind === 'take') {
          const batch = await spool.take();
          if (!batch) continue;
          const end = check(batch.records.map(numberOf));
          if (each.done) {
            await batch.done();
            settled = Math.max(settled, end);
          }
        } else {
          await spool.close(); // gives back its file handle, and no more than that
          await tear(own, each.torn);
          spool = await openSpool(own, limits);
        }
      }
      settled = Math.max(settled, check(await takeAll(spool)));
      expect(settled).toBe(appended);
      await spool.close();
    }),
    { numRuns: 60 },
  );
});

/** Half of a record that nobody was told is safe. */
async function tear(path: string, torn: number): Promise<void> {
  const last = (await readdir(path)).sort().at(-1);
  if (last === undefined || torn === 0) return;
  const whole = Buffer.concat([headerOf(100), randomBytes(100)]);
  const bytes = await readFile(join(path, last));
  await writeFile(join(path, last), Buffer.concat([bytes, whole.subarray(0, Math.min(torn, whole.length))]));
}

function headerOf(length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(length, 0);
  return header;
}

test('law: a file cut at any byte gives back every record before the cut, and nothing else', async () => {
  const spool = await openSpool(folder);
  const sizes = Array.from({ length: 12 }, (_, number) => 8 + number * 7);
  for (const [number, bytes] of sizes.entries()) await spool.append(record(number, bytes));
  await spool.close();
  const [name = ''] = await segmentFiles();
  const whole = await readFile(join(folder, name));
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, bytes) => sum + bytes + HEADER_BYTES, 0));
  for (let cut = 0; cut <= whole.length; cut += 1) {
    await writeFile(join(folder, name), whole);
    await truncate(join(folder, name), cut);
    const reopened = await openSpool(folder);
    expect(await takeAll(reopened), `cut at ${cut}`).toEqual(
      ends.flatMap((end, number) => (end <= cut ? [number] : [])),
    );
    await reopened.close();
  }
});
