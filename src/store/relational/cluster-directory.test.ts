import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRelational } from '../../../test/support/relational.ts';
import { MINUTE_MS } from '../../lib/clock.ts';
import { createClusterDirectory } from './cluster-directory.ts';
import { type Clusters, createClusters } from './clusters.ts';
import type { Relational } from './relational.ts';
import { createTenants } from './tenants.ts';

let relational: Relational;
let clusters: Clusters;
let now = 1_000_000;
const clock = { now: () => now };
beforeAll(async () => {
  relational = await testRelational();
  clusters = createClusters(relational.db);
});
afterAll(() => relational.close());

test('the same name is another cluster for another tenant, from memory as from the store', async () => {
  const directory = createClusterDirectory({ clusters, clock });
  const [a, b] = await Promise.all(['a', 'b'].map((name) => createTenants(relational.db).create(name, now)));
  for (let round = 0; round < 2; round += 1) {
    for (const tenant of [a, b]) {
      const found = await directory.resolve(tenant?.id ?? '', ' prod ');
      expect(found).toEqual({ id: (await clusters.getByName(tenant?.id ?? '', 'prod'))?.id, name: 'prod' });
    }
  }
});

test('a report is noted, at most once a minute', async () => {
  const directory = createClusterDirectory({ clusters, clock });
  const tenant = await createTenants(relational.db).create('c', now);
  const start = now;
  for (const [at, want] of [
    [start, start],
    [start + MINUTE_MS - 1, start],
    [start + MINUTE_MS, start + MINUTE_MS],
  ] as const) {
    now = at;
    const { id } = await directory.resolve(tenant.id, 'prod');
    expect((await clusters.get(tenant.id, id))?.lastSeenAt).toBe(want);
  }
});

test('a refused name is refused every time', async () => {
  const directory = createClusterDirectory({ clusters, clock });
  for (let round = 0; round < 2; round += 1) {
    await expect(directory.resolve(crypto.randomUUID(), 'x')).rejects.toMatchObject({ code: 'not_found' });
  }
});
