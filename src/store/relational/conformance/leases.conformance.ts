import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createJobState } from '../job-state.ts';
import { createLeases, type Lease } from '../leases.ts';
import { NOW, type Store } from './fixtures.conformance.ts';

export function leasesConformance(store: Store): void {
  describe('leases', () => {
    const lapse = (name: string) =>
      sql`update leases set expires_at = clock_timestamp() where name = ${name}`.execute(store().db);

    test('of many who ask at once one gets it', async () => {
      const leases = createLeases(store().db);
      const got = await Promise.all(Array.from({ length: 20 }, (_, i) => leases.acquire('one', `holder ${i}`, 60_000)));
      expect(got.filter(Boolean)).toHaveLength(1);
    });

    test('a released lease is free at once, and the fence goes on growing', async () => {
      const leases = createLeases(store().db);
      const fences: bigint[] = [];
      for (const holder of ['a', 'b', 'a']) {
        const lease = await taken(leases.acquire('passed on', holder, 60_000));
        fences.push(lease.fence);
        await leases.release(lease);
      }
      expect(fences).toEqual([1n, 2n, 3n]);
    });

    test('even its own holder gets no second lease while one runs', async () => {
      const leases = createLeases(store().db);
      await taken(leases.acquire('forgetful', 'a', 60_000));
      expect(await leases.acquire('forgetful', 'a', 60_000)).toBeUndefined();
    });

    test('who was overtaken can neither renew, nor release, nor write', async () => {
      const leases = createLeases(store().db);
      const state = createJobState(store().db);
      const old = await taken(leases.acquire('overtaken', 'a', 60_000));
      await state.put('watermark', 1, NOW, old);
      await lapse('overtaken');
      const current = await taken(leases.acquire('overtaken', 'b', 60_000));
      expect(await leases.renew(old, 60_000)).toBe(false);
      await leases.release(old);
      expect(await leases.acquire('overtaken', 'c', 60_000)).toBeUndefined();
      await expect(state.put('watermark', 2, NOW, old)).rejects.toMatchObject({ code: 'conflict' });
      expect(await state.get('watermark')).toBe(1);
      await state.put('watermark', 3, NOW, current);
      expect(await leases.renew(current, 60_000)).toBe(true);
    });

    test('two competitors never write under one fence, and fences appear in order', async () => {
      const written: Array<{ holder: string; fence: bigint }> = [];
      const compete = async (holder: string) => {
        const leases = createLeases(store().db);
        const state = createJobState(store().db);
        for (let wins = 0; wins < 10; ) {
          const lease = await leases.acquire('contested', holder, 60_000);
          if (!lease) continue;
          wins += 1;
          await state.put('contested', { holder, fence: String(lease.fence) }, NOW, lease);
          written.push({ holder, fence: lease.fence });
          await (wins % 2 === 0 ? lapse('contested') : leases.release(lease));
        }
      };
      await Promise.all([compete('a'), compete('b')]);
      const fences = written.map((it) => it.fence);
      expect(new Set(fences).size).toBe(20);
      expect(await createJobState(store().db).get('contested')).toMatchObject({ fence: '20' });
    });
  });
}

async function taken(acquiring: Promise<Lease | undefined>): Promise<Lease> {
  const lease = await acquiring;
  if (!lease) throw new Error('the lease should have been free');
  return lease;
}
