import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../../lib/clock.ts';
import { createLogger } from '../../../lib/log.ts';
import { createSourceLog, REASONS_MAX, type SourceLogDeps } from '../source-log.ts';
import { NOW, type Store } from './fixtures.conformance.ts';

/** What sources brought, as several replicas count it. */
export function sourceLogConformance(store: Store): void {
  const open = (now: () => number = () => NOW, more: Partial<SourceLogDeps> = {}) =>
    createSourceLog({ db: store().db, clock: { now }, log: createLogger({ level: 'silent' }), ...more });
  const newTarget = () => ({ tenant: randomUUID(), cluster: randomUUID() });

  describe('source log', () => {
    test('replicas add up, whoever flushes when, and no count is seen twice or lost', async () => {
      const note = fc.record({
        replica: fc.nat(2),
        taken: fc.nat(1_000),
        reason: fc.constantFrom('a: must be a number', 'b: is missing'),
        refused: fc.nat(20),
        flush: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 30 }), async (notes) => {
          const target = newTarget();
          const replicas = [open(), open(), open()];
          const flushes: Promise<void>[] = [];
          for (const { replica, taken, reason, refused, flush } of notes) {
            replicas[replica]?.note(target, 'agent', { taken, refused: { [reason]: refused }, newestAt: NOW });
            if (flush) flushes.push(replicas[replica]?.flush() ?? Promise.resolve());
          }
          await Promise.all([...flushes, ...replicas.map((replica) => replica.close())]);
          const [entry] = await open().list(target.tenant);
          const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);
          expect(entry?.taken).toBe(sum(notes.map(({ taken }) => taken)));
          expect(entry?.refused).toBe(sum(notes.map(({ refused }) => refused)));
          expect(sum(entry?.reasons.map(({ count }) => count) ?? [])).toBe(entry?.refused);
        }),
        { numRuns: 15 },
      );
    });

    test('what is not flushed yet is told, also while it is being flushed', async () => {
      const target = newTarget();
      const log = open();
      log.note(target, 'koku', { taken: 5, refused: {}, newestAt: null });
      const flushing = log.flush();
      log.note(target, 'koku', { taken: 7, refused: {}, newestAt: NOW });
      const entries = await log.list(target.tenant);
      expect(entries).toMatchObject([{ cluster: target.cluster, source: 'koku', taken: 12, newestAt: NOW }]);
      await flushing;
      expect(await log.list(randomUUID())).toEqual([]);
    });

    test('the first and last times stand, and the newest instant never goes back', async () => {
      const target = newTarget();
      for (const [at, newestAt] of [
        [NOW, NOW - 5],
        [NOW + MINUTE_MS, null],
        [NOW - MINUTE_MS, NOW - 9],
      ] as const) {
        const log = open(() => at);
        log.note(target, 'agent', { taken: 1, refused: {}, newestAt });
        await log.close();
      }
      expect(await open().list(target.tenant)).toMatchObject([
        { firstAt: NOW - MINUTE_MS, lastAt: NOW + MINUTE_MS, newestAt: NOW - 5, taken: 3 },
      ]);
    });

    test('of many reasons the latest are kept, in this process and in the store', async () => {
      const target = newTarget();
      let now = NOW;
      const logs = [open(() => now), open(() => now)];
      for (let i = 0; i < 3 * REASONS_MAX; i += 1) {
        now += SECOND_MS;
        logs[i % 2]?.note(target, 'agent', { taken: 0, refused: { [`reason ${i}`]: 1 }, newestAt: null });
      }
      for (const log of logs) await log.close();
      const [entry] = await open().list(target.tenant);
      expect(entry?.refused).toBe(3 * REASONS_MAX);
      expect(entry?.reasons).toHaveLength(REASONS_MAX);
      expect(entry?.reasons[0]).toEqual({ reason: `reason ${3 * REASONS_MAX - 1}`, count: 1, lastAt: now });
      expect(entry?.reasons.at(-1)?.reason).toBe(`reason ${2 * REASONS_MAX}`);
    });

    test('any text is a reason, never SQL', async () => {
      const target = newTarget();
      const log = open();
      const refused = {
        "'); drop table source_log; --": 1,
        'a\u0000b': 2,
        '\ud800': 3,
        '': 4,
        __proto__x: 5,
        ['x'.repeat(9_000)]: 6,
      };
      log.note(target, 'agent', { taken: 0, refused, newestAt: null });
      await log.close();
      const [entry] = await open().list(target.tenant);
      expect(entry?.refused).toBe(21);
      expect(entry?.reasons.map(({ count }) => count).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(Math.max(...(entry?.reasons ?? []).map(({ reason }) => reason.length))).toBe(200);
    });

    test('counts that the store could not take go with a later flush', async () => {
      const target = newTarget();
      const broken = { ...target, cluster: 'no uuid' };
      const log = open();
      log.note(broken, 'agent', { taken: 1, refused: {}, newestAt: null });
      await log.flush(); // refused whole: it is told as a warning, never thrown
      expect(await log.list(target.tenant)).toMatchObject([{ taken: 1 }]);
    });
  });
}
