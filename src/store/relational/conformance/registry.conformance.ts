import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../../lib/clock.ts';
import { type ApiKey, createApiKeys } from '../api-keys.ts';
import { createClusters } from '../clusters.ts';
import { createTenants } from '../tenants.ts';
import { NOW, newKey, newTenant, type Store } from './fixtures.conformance.ts';

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

/** Tenants, clusters and keys. */
export function registryConformance(store: Store): void {
  describe('tenants', () => {
    test('a name is taken once, also when two ask at once', async () => {
      const tenants = createTenants(store().db);
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => tenants.create('acme', NOW)));
      expect(outcomes.filter((it) => it.status === 'fulfilled')).toHaveLength(1);
      for (const it of outcomes) {
        if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'conflict' });
      }
    });

    test('any text is a name or an error, never SQL', async () => {
      const tenants = createTenants(store().db);
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
      const tenants = createTenants(store().db);
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
      const tenant = await newTenant(store);
      const clusters = createClusters(store().db);
      const found = await Promise.all(Array.from({ length: 20 }, () => clusters.resolve(tenant.id, 'prod', NOW)));
      expect(new Set(found.map((it) => it.id)).size).toBe(1);
      expect(await clusters.list(tenant.id)).toHaveLength(1);
    });

    test('the limit holds, also when many new names come at once, and known names still resolve', async () => {
      const tenant = await newTenant(store);
      const clusters = createClusters(store().db, 3);
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
      const clusters = createClusters(store().db);
      await expect(clusters.resolve(crypto.randomUUID(), 'prod', NOW)).rejects.toMatchObject({ code: 'not_found' });
      await expect(clusters.resolve('not a uuid', 'prod', NOW)).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('the last report never goes back in time', async () => {
      const tenant = await newTenant(store);
      const clusters = createClusters(store().db);
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
      const tenant = await newTenant(store);
      const cluster = await createClusters(store().db).resolve(tenant.id, 'prod', NOW);
      const keys = createApiKeys(store().db);
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
      const [mine, other] = [await newTenant(store), await newTenant(store)];
      const foreign = await createClusters(store().db).resolve(other.id, 'prod', NOW);
      const keys = createApiKeys(store().db);
      await expect(keys.insert(mine.id, newKey({ clusterId: foreign.id }))).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    test('revoking keeps the first instant; the end only comes nearer', async () => {
      const tenant = await newTenant(store);
      const keys = createApiKeys(store().db);
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
      const tenant = await newTenant(store);
      const keys = createApiKeys(store().db);
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
      const tenant = await newTenant(store);
      const keys = createApiKeys(store().db);
      for (let i = 0; i < 7; i += 1) await keys.insert(tenant.id, newKey({ createdAt: NOW + Math.floor(i / 2) }));
      const all = (await keys.list(tenant.id, { limit: 100 })).map((it) => it.keyId);
      expect(all).toHaveLength(7);
      const first = await keys.list(tenant.id, { limit: 3 });
      const rest = await keys.list(tenant.id, { limit: 100, before: first[2]?.keyId ?? '' });
      expect([...first, ...rest].map((it) => it.keyId)).toEqual(all);
    });
  });
}
