import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../lib/clock.ts';
import { formatMoney, type Money, parseMoney } from '../../lib/money.ts';
import { type ApiKey, createApiKeys, type StoredApiKey } from './api-keys.ts';
import { createAudit } from './audit.ts';
import { createClusters } from './clusters.ts';
import { createJobState } from './job-state.ts';
import { createLeases, type Lease } from './leases.ts';
import { migrate } from './migrate.ts';
import {
  createPriceVersions,
  DEFAULT_PRICE_VERSION_ID,
  type PriceRates,
  type PriceVersion,
  RATE_MAX,
} from './price-versions.ts';
import type { Relational } from './relational.ts';
import { createTenants } from './tenants.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 34, 56, 789);
const HOSTILE = [
  `'; drop table tenants; --`,
  `" or 1=1 --`,
  `\\'; select pg_sleep(9); --`,
  '$1',
  '{1,2}',
  'ünïcode ✓ 😀',
  '%_',
  'a'.repeat(253),
];

/** The one suite that every engine of the relational store passes. `open` gives a new handle on one empty database. */
export function relationalConformance(name: string, open: () => Promise<Relational>): void {
  describe(`relational: ${name}`, () => {
    let relational: Relational;
    let names = 0;
    const newTenant = () => createTenants(relational.db).create(`tenant ${(names += 1)}`, NOW);

    beforeAll(async () => {
      relational = await open();
    });
    afterAll(() => relational.close());

    describe('migrations', () => {
      test('two that start at once both end well, and each version is applied once', async () => {
        const applied = await Promise.all([migrate(relational), migrate(relational), migrate(relational)]);
        expect(applied.flat().toSorted((a, b) => a - b)).toEqual([1]);
        expect(await migrate(relational)).toEqual([]);
      });

      test('a failing migration leaves nothing of itself', async () => {
        const broken = [
          { version: 1, name: '0001_foundation.sql', statements: [] },
          { version: 2, name: '0002_broken.sql', statements: ['create table half_way (id int)', 'create nonsense'] },
        ];
        await expect(migrate(relational, broken)).rejects.toThrow(/syntax/);
        const { rows } = await sql<{ found: boolean }>`select to_regclass('half_way') is not null as found`.execute(
          relational.db,
        );
        expect(rows).toEqual([{ found: false }]);
        expect(await migrate(relational)).toEqual([]);
      });

      test('a database newer than the program is refused with both versions', async () => {
        await expect(migrate(relational, [])).rejects.toMatchObject({
          code: 'invalid_config',
          message: expect.stringMatching(/version 1.*up to 0/),
        });
      });
    });

    describe('transactions', () => {
      test('a statement from outside is no part of an open transaction', async () => {
        const failure = new Error('undo');
        let outside: Promise<unknown> = Promise.resolve();
        await expect(
          relational.transaction(async (transaction) => {
            await createTenants(transaction).create('rolled back', NOW);
            outside = createTenants(relational.db).create('kept', NOW);
            await sql`select 1`.execute(transaction);
            throw failure;
          }),
        ).rejects.toBe(failure);
        await outside;
        const tenants = createTenants(relational.db);
        expect(await tenants.getByName('rolled back')).toBeUndefined();
        expect(await tenants.getByName('kept')).toMatchObject({ name: 'kept' });
      });

      test('a hundred at once lose no update', async () => {
        await createJobState(relational.db).put('counter', 0, NOW);
        const increment = () =>
          relational.transaction(async (transaction) => {
            const { rows } = await sql<{ value: number }>`select value from job_state where name = 'counter'
              for update`.execute(transaction);
            await createJobState(transaction).put('counter', (rows[0]?.value ?? 0) + 1, NOW);
          });
        await Promise.all(Array.from({ length: 100 }, increment));
        expect(await createJobState(relational.db).get('counter')).toBe(100);
      });
    });

    describe('errors', () => {
      test.each([
        ['a malformed UUID', `select 'x'::uuid`, 'invalid_request'],
        ['a number out of range', `select 99999999999::int4`, 'invalid_request'],
        ['a lost race', `do $$ begin raise sqlstate '40001'; end $$`, 'store_unavailable'],
        ['a full disk', `do $$ begin raise sqlstate '53100'; end $$`, 'store_full'],
        ['a cancelled statement', `do $$ begin raise sqlstate '57014'; end $$`, 'query_timeout'],
        ['too many connections', `do $$ begin raise sqlstate '53300'; end $$`, 'store_unavailable'],
      ])('%s has a code of ours', async (_, statement, code) => {
        await expect(sql.raw(statement).execute(relational.db)).rejects.toMatchObject({ name: 'AppError', code });
      });

      test('a NUL in a bound text has a code of ours', async () => {
        const selecting = sql`select ${'a\u0000b'}::text`.execute(relational.db);
        await expect(selecting).rejects.toMatchObject({ name: 'AppError', code: 'invalid_request' });
      });

      test('bad SQL of our own is a defect, not an answer', async () => {
        await expect(sql`select nothing_here`.execute(relational.db)).rejects.not.toMatchObject({ name: 'AppError' });
      });
    });

    describe('tenants', () => {
      test('a name is taken once, also when two ask at once', async () => {
        const tenants = createTenants(relational.db);
        const outcomes = await Promise.allSettled([1, 2, 3].map(() => tenants.create('acme', NOW)));
        expect(outcomes.filter((it) => it.status === 'fulfilled')).toHaveLength(1);
        for (const it of outcomes) {
          if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'conflict' });
        }
      });

      test('any text is a name or an error, never SQL', async () => {
        const tenants = createTenants(relational.db);
        for (const name of HOSTILE) {
          const made = await tenants.create(name, NOW);
          expect(await tenants.getByName(name)).toEqual(made);
          expect(await tenants.get(made.id)).toEqual({ id: made.id, name, createdAt: NOW });
        }
        for (const name of ['', '   ', 'a\u0000b', 'a\nb', '\ud800', 'a'.repeat(254)]) {
          await expect(tenants.create(name, NOW), JSON.stringify(name)).rejects.toMatchObject({
            code: 'invalid_request',
          });
        }
      });

      test('pages follow one another without gaps', async () => {
        const tenants = createTenants(relational.db);
        const all = await tenants.list({ limit: 1_000 });
        const paged: string[] = [];
        for (let after = ''; ; after = paged.at(-1) ?? '') {
          const page = await tenants.list({ limit: 3, after });
          if (page.length === 0) break;
          paged.push(...page.map((it) => it.name));
        }
        expect(paged).toEqual(all.map((it) => it.name));
      });
    });

    describe('clusters', () => {
      test('many who name a new cluster at once get the same one', async () => {
        const tenant = await newTenant();
        const clusters = createClusters(relational.db);
        const found = await Promise.all(Array.from({ length: 20 }, () => clusters.resolve(tenant.id, 'prod', NOW)));
        expect(new Set(found.map((it) => it.id)).size).toBe(1);
        expect(await clusters.list(tenant.id)).toHaveLength(1);
      });

      test('the limit holds, also when many new names come at once, and known names still resolve', async () => {
        const tenant = await newTenant();
        const clusters = createClusters(relational.db, 3);
        const outcomes = await Promise.allSettled(
          Array.from({ length: 10 }, (_, i) => clusters.resolve(tenant.id, `cluster ${i}`, NOW)),
        );
        const made = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
        expect(made).toHaveLength(3);
        for (const it of outcomes) {
          if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'limit_exceeded' });
        }
        const [first] = made;
        expect(await clusters.resolve(tenant.id, first?.name ?? '', NOW)).toEqual(first);
      });

      test('an unknown tenant is not found', async () => {
        const clusters = createClusters(relational.db);
        await expect(clusters.resolve(crypto.randomUUID(), 'prod', NOW)).rejects.toMatchObject({ code: 'not_found' });
        await expect(clusters.resolve('not a uuid', 'prod', NOW)).rejects.toMatchObject({ code: 'invalid_request' });
      });

      test('the last report never goes back in time', async () => {
        const tenant = await newTenant();
        const clusters = createClusters(relational.db);
        const { id } = await clusters.resolve(tenant.id, 'prod', NOW);
        for (const [at, want] of [
          [NOW, NOW],
          [NOW - 5, NOW],
          [NOW + 5, NOW + 5],
        ] as const) {
          await clusters.touch(tenant.id, id, at);
          expect((await clusters.get(tenant.id, id))?.lastSeenAt).toBe(want);
        }
      });
    });

    describe('keys', () => {
      test('a key comes back as it was stored', async () => {
        const tenant = await newTenant();
        const cluster = await createClusters(relational.db).resolve(tenant.id, 'prod', NOW);
        const keys = createApiKeys(relational.db);
        const key = newKey({ clusterId: cluster.id, scopes: ['ingest', 'read'], expiresAt: NOW + 1 });
        await keys.insert(tenant.id, key);
        const found = await keys.find(key.keyId);
        expect(found && { ...found, salt: [...found.salt], secretHash: [...found.secretHash] }).toEqual({
          ...key,
          tenantId: tenant.id,
          revokedAt: null,
          lastUsedAt: null,
          salt: [...key.salt],
          secretHash: [...key.secretHash],
        });
        expect(await keys.get(tenant.id, key.keyId)).not.toHaveProperty('secretHash');
      });

      test('a key cannot be bound to a cluster of another tenant', async () => {
        const [mine, other] = [await newTenant(), await newTenant()];
        const foreign = await createClusters(relational.db).resolve(other.id, 'prod', NOW);
        const keys = createApiKeys(relational.db);
        await expect(keys.insert(mine.id, newKey({ clusterId: foreign.id }))).rejects.toMatchObject({
          code: 'not_found',
        });
      });

      test('revoking keeps the first instant; the end only comes nearer', async () => {
        const tenant = await newTenant();
        const keys = createApiKeys(relational.db);
        const key = newKey({});
        await keys.insert(tenant.id, key);
        const state = async () => {
          const { revokedAt, expiresAt } = (await keys.get(tenant.id, key.keyId)) as ApiKey;
          return { revokedAt, expiresAt };
        };
        expect(await keys.expireBy(tenant.id, key.keyId, NOW + 10)).toBe(true);
        expect(await keys.expireBy(tenant.id, key.keyId, NOW + 20)).toBe(true);
        expect(await state()).toEqual({ revokedAt: null, expiresAt: NOW + 10 });
        expect(await keys.revoke(tenant.id, key.keyId, NOW + 1)).toBe(true);
        expect(await keys.revoke(tenant.id, key.keyId, NOW + 2)).toBe(true);
        expect(await keys.expireBy(tenant.id, key.keyId, NOW)).toBe(false);
        expect(await state()).toEqual({ revokedAt: NOW + 1, expiresAt: NOW + 10 });
      });

      test('a use is noted once an hour', async () => {
        const tenant = await newTenant();
        const keys = createApiKeys(relational.db);
        const key = newKey({});
        await keys.insert(tenant.id, key);
        for (const [at, want] of [
          [NOW, NOW],
          [NOW + HOUR_MS - 1, NOW],
          [NOW + HOUR_MS, NOW + HOUR_MS],
        ] as const) {
          await keys.touch(tenant.id, key.keyId, at);
          expect((await keys.get(tenant.id, key.keyId))?.lastUsedAt).toBe(want);
        }
      });

      test('pages of keys follow one another, newest first', async () => {
        const tenant = await newTenant();
        const keys = createApiKeys(relational.db);
        for (let i = 0; i < 7; i += 1) await keys.insert(tenant.id, newKey({ createdAt: NOW + Math.floor(i / 2) }));
        const all = (await keys.list(tenant.id, { limit: 100 })).map((it) => it.keyId);
        expect(all).toHaveLength(7);
        const first = await keys.list(tenant.id, { limit: 3 });
        const rest = await keys.list(tenant.id, { limit: 100, before: first[2]?.keyId ?? '' });
        expect([...first, ...rest].map((it) => it.keyId)).toEqual(all);
      });
    });

    describe('prices', () => {
      test('the built-in book prices every hour of every tenant', async () => {
        const tenant = await newTenant();
        const prices = createPriceVersions(relational.db);
        const [first, last] = await prices.effectiveAt(tenant.id, crypto.randomUUID(), [0, NOW]);
        expect(first).toEqual(last);
        expect(first?.id).toBe(DEFAULT_PRICE_VERSION_ID);
        const texts = Object.fromEntries(
          Object.entries(first?.rates ?? {}).map(([key, rate]) => [key, formatMoney(rate)]),
        );
        expect(texts).toEqual({
          cpuCoreHour: '0.031611',
          ramGibHour: '0.004237',
          gpuHour: '0.95',
          spotCpuCoreHour: '0.006655',
          spotRamGibHour: '0.000892',
          storageGibHour: '0.00005479452',
        });
      });

      test('rates keep all twelve decimals', async () => {
        const tenant = await newTenant();
        const prices = createPriceVersions(relational.db);
        const rates = sameRates(parseMoney('123456.123456789012'));
        const added = await prices.add(tenant.id, { ...newVersion(0), rates });
        expect((await prices.get(tenant.id, added.id))?.rates).toEqual(rates);
      });

      test.each([
        ['half an hour', { effectiveFrom: HOUR_MS / 2 }],
        ['a negative rate', { rates: sameRates(parseMoney('-0.1')) }],
        ['a rate that cannot be held', { rates: sameRates((RATE_MAX + 1n) as Money) }],
      ])('%s is refused', async (_, wrong) => {
        const tenant = await newTenant();
        const adding = createPriceVersions(relational.db).add(tenant.id, { ...newVersion(0), ...wrong });
        await expect(adding).rejects.toMatchObject({ code: 'invalid_request' });
      });

      test('what a naive reading of the rule picks is what is effective', async () => {
        const prices = createPriceVersions(relational.db);
        const version = fc.record({ hour: fc.integer({ min: 0, max: 6 }), scope: fc.constantFrom('tenant', 'a', 'b') });
        const asked = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(fc.array(version, { maxLength: 8 }), asked, async (versions, hours) => {
            const tenant = await newTenant();
            const clusters = createClusters(relational.db);
            const a = await clusters.resolve(tenant.id, 'a', NOW);
            const b = await clusters.resolve(tenant.id, 'b', NOW);
            for (const { hour, scope } of versions) {
              const clusterId = { tenant: null, a: a.id, b: b.id }[scope] ?? null;
              await prices.add(tenant.id, { ...newVersion(hour * HOUR_MS), clusterId });
            }
            const known = await prices.list(tenant.id);
            const picked = await prices.effectiveAt(
              tenant.id,
              a.id,
              hours.map((hour) => hour * HOUR_MS),
            );
            expect(picked.map((it) => it.id)).toEqual(hours.map((hour) => naivePick(known, a.id, hour * HOUR_MS)));
          }),
          { numRuns: 25 },
        );
      });

      test('a reader that follows arrivals misses none', async () => {
        const prices = createPriceVersions(relational.db);
        const tenant = await newTenant();
        const before = (await prices.arrivedAfter(0n, 10_000)).at(-1)?.seq ?? 0n;
        const added = await Promise.all(
          [1, 2, 3, 4, 5].map((hour) => prices.add(tenant.id, newVersion(hour * HOUR_MS))),
        );
        const seen = await prices.arrivedAfter(before, 100);
        expect(seen.map((it) => it.id).toSorted()).toEqual(added.map((it) => it.id).toSorted());
        expect(await prices.arrivedAfter(seen.at(-1)?.seq ?? 0n, 100)).toEqual([]);
      });
    });

    describe('leases', () => {
      const lapse = (name: string) =>
        sql`update leases set expires_at = clock_timestamp() where name = ${name}`.execute(relational.db);

      test('of many who ask at once one gets it', async () => {
        const leases = createLeases(relational.db);
        const got = await Promise.all(
          Array.from({ length: 20 }, (_, i) => leases.acquire('one', `holder ${i}`, 60_000)),
        );
        expect(got.filter(Boolean)).toHaveLength(1);
      });

      test('a released lease is free at once, and the fence goes on growing', async () => {
        const leases = createLeases(relational.db);
        const fences: bigint[] = [];
        for (const holder of ['a', 'b', 'a']) {
          const lease = await taken(leases.acquire('passed on', holder, 60_000));
          fences.push(lease.fence);
          await leases.release(lease);
        }
        expect(fences).toEqual([1n, 2n, 3n]);
      });

      test('even its own holder gets no second lease while one runs', async () => {
        const leases = createLeases(relational.db);
        await taken(leases.acquire('forgetful', 'a', 60_000));
        expect(await leases.acquire('forgetful', 'a', 60_000)).toBeUndefined();
      });

      test('who was overtaken can neither renew, nor release, nor write', async () => {
        const leases = createLeases(relational.db);
        const state = createJobState(relational.db);
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
          const leases = createLeases(relational.db);
          const state = createJobState(relational.db);
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
        expect(await createJobState(relational.db).get('contested')).toMatchObject({ fence: '20' });
      });
    });

    test("no repository shows one tenant what is another tenant's", async () => {
      const [mine, other] = [await newTenant(), await newTenant()];
      const { db } = relational;
      const [clusters, keys, prices, audit] = [
        createClusters(db),
        createApiKeys(db),
        createPriceVersions(db),
        createAudit(db),
      ];
      const cluster = await clusters.resolve(other.id, 'secret', NOW);
      const key = newKey({});
      await keys.insert(other.id, key);
      const version = await prices.add(other.id, { ...newVersion(0), clusterId: cluster.id });
      const act = { at: NOW, actor: 'x', action: 'api_key.create', target: key.keyId, details: { a: [1] } } as const;
      await audit.record(other.id, act);

      expect(await clusters.get(mine.id, cluster.id)).toBeUndefined();
      expect(await clusters.getByName(mine.id, 'secret')).toBeUndefined();
      expect(await clusters.list(mine.id)).toEqual([]);
      await clusters.touch(mine.id, cluster.id, NOW);
      expect((await clusters.get(other.id, cluster.id))?.lastSeenAt).toBeNull();

      expect(await keys.get(mine.id, key.keyId)).toBeUndefined();
      expect(await keys.list(mine.id, { limit: 10 })).toEqual([]);
      expect(await keys.list(mine.id, { limit: 10, before: key.keyId })).toEqual([]);
      expect(await keys.revoke(mine.id, key.keyId, NOW)).toBe(false);
      expect(await keys.expireBy(mine.id, key.keyId, NOW)).toBe(false);
      await keys.touch(mine.id, key.keyId, NOW);
      expect(await keys.get(other.id, key.keyId)).toMatchObject({ revokedAt: null, expiresAt: null, lastUsedAt: null });

      expect(await prices.get(mine.id, version.id)).toBeUndefined();
      expect((await prices.list(mine.id)).map((it) => it.id)).toEqual([DEFAULT_PRICE_VERSION_ID]);
      expect((await prices.effectiveAt(mine.id, cluster.id, [NOW]))[0]?.id).toBe(DEFAULT_PRICE_VERSION_ID);
      await expect(prices.add(mine.id, { ...newVersion(0), clusterId: cluster.id })).rejects.toMatchObject({
        code: 'not_found',
      });

      expect(await audit.list(mine.id, 10)).toEqual([]);
      expect(await audit.list(other.id, 10)).toEqual([{ ...act, tenantId: other.id }]);
    });
  });
}

function newKey(some: Partial<StoredApiKey>): Omit<StoredApiKey, 'tenantId' | 'revokedAt' | 'lastUsedAt'> {
  return {
    keyId: crypto.randomUUID(),
    clusterId: null,
    name: 'a key',
    scopes: ['read'],
    createdAt: NOW,
    expiresAt: null,
    rotatedFrom: null,
    salt: crypto.getRandomValues(new Uint8Array(16)),
    secretHash: crypto.getRandomValues(new Uint8Array(32)),
    ...some,
  };
}

function newVersion(effectiveFrom: number) {
  const rates = sameRates(parseMoney('0.01'));
  return { clusterId: null, effectiveFrom, rates, note: '', createdAt: NOW, createdBy: 'test' };
}

function sameRates(rate: Money): PriceRates {
  return {
    cpuCoreHour: rate,
    ramGibHour: rate,
    gpuHour: rate,
    spotCpuCoreHour: rate,
    spotRamGibHour: rate,
    storageGibHour: rate,
  };
}

/** Scope by scope, narrowest first: walk the arrivals and keep the one that starts last. */
function naivePick(versions: readonly PriceVersion[], clusterId: string, hour: number): string | undefined {
  const scopes = [
    versions.filter((it) => it.clusterId === clusterId),
    versions.filter((it) => it.clusterId === null && it.tenantId !== null),
    versions.filter((it) => it.tenantId === null),
  ];
  for (const scope of scopes) {
    let best: PriceVersion | undefined;
    for (const it of scope) {
      if (it.effectiveFrom <= hour && (!best || it.effectiveFrom >= best.effectiveFrom)) best = it;
    }
    if (best) return best.id;
  }
  return undefined;
}

async function taken(acquiring: Promise<Lease | undefined>): Promise<Lease> {
  const lease = await acquiring;
  if (!lease) throw new Error('the lease should have been free');
  return lease;
}
