import { expect, test } from 'vitest';
import { createApiKeys } from '../api-keys.ts';
import { createAudit } from '../audit.ts';
import { createClusters } from '../clusters.ts';
import { createPriceVersions, DEFAULT_PRICE_VERSION_ID } from '../price-versions.ts';
import { NOW, newKey, newTenant, newVersion, type Store } from './fixtures.conformance.ts';

export function tenancyConformance(store: Store): void {
  test("no repository shows one tenant what is another tenant's", async () => {
    const [mine, other] = [await newTenant(store), await newTenant(store)];
    const { db } = store();
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
}
