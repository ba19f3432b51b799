import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../lib/clock.ts';
import { createClusters } from '../clusters.ts';
import { createUploads, PART_BYTES_MAX, type UploadedFile, type UploadKey } from '../uploads.ts';
import { NOW, newTenant, type Store } from './fixtures.conformance.ts';

/** Uploads, and the clusters that they are of. */
export function uploadsConformance(store: Store): void {
  async function newKey(): Promise<UploadKey> {
    const { id: tenantId } = await newTenant(store);
    const { id: clusterId } = await createClusters(store().db).resolve(tenantId, 'prod', NOW);
    return { tenantId, clusterId, manifestUuid: randomUUID() };
  }
  const file = (more: Partial<UploadedFile> = {}): UploadedFile => ({
    name: 'a.csv',
    kind: 'pod',
    status: 'taken',
    rowsTaken: 3,
    rowsRefused: 1,
    reason: null,
    refused: [{ line: 2, column: 'pod', message: 'is required' }],
    digest: randomBytes(32),
    ...more,
  });

  describe('uploads', () => {
    test('what became of a file comes back as it was noted', async () => {
      const uploads = createUploads(store().db);
      const key = await newKey();
      const noted = file({ reason: 'columns not known', rowsTaken: 5_000_000_000 });
      await uploads.record(key, [noted], NOW);
      const [found] = await uploads.files(key.tenantId, key.manifestUuid);
      expect(found && { ...found, digest: [...(found.digest ?? [])] }).toEqual({
        ...noted,
        digest: [...(noted.digest ?? [])],
        clusterId: key.clusterId,
        receivedAt: NOW,
      });
      expect(await uploads.files((await newTenant(store)).id, key.manifestUuid)).toEqual([]);
    });

    test('a file that came is never missing again, nor one that was taken skipped or refused', async () => {
      const uploads = createUploads(store().db);
      const key = await newKey();
      const order = ['missing', 'skipped', 'refused', 'taken'] as const;
      for (const [index, status] of order.entries()) {
        for (const later of order) {
          const name = `${status} ${later}`;
          await uploads.record(key, [file({ name, status })], NOW);
          await uploads.record(key, [file({ name, status: later, rowsTaken: 4 })], NOW + 1);
          const found = (await uploads.files(key.tenantId, key.manifestUuid)).find((it) => it.name === name);
          const wins = order.indexOf(later) >= index;
          expect([found?.status, found?.rowsTaken], name).toEqual(wins ? [later, 4] : [status, 3]);
        }
      }
    });

    test('of parts that come at once, some caller is given all; each is kept once', async () => {
      const uploads = createUploads(store().db);
      const key = await newKey();
      const parts = [1, 2, 3].map((n) => ({ digest: randomBytes(32), files: [`${n}.csv`], bytes: randomBytes(n) }));
      const given = await Promise.all([...parts, ...parts].map((part) => uploads.addPart(key, part, NOW)));
      expect(Math.max(...given.map((all) => all.length))).toBe(3);
      const names = (all: readonly { files: readonly string[] }[]) => all.flatMap(({ files }) => files).toSorted();
      expect(names(await uploads.parts(key))).toEqual(['1.csv', '2.csv', '3.csv']);
      expect(await uploads.parts({ ...key, manifestUuid: randomUUID() })).toEqual([]);
      await uploads.dropParts(key);
      expect(await uploads.parts(key)).toEqual([]);
    });

    test('a part has a size', async () => {
      const part = { digest: randomBytes(32), files: [], bytes: Buffer.alloc(PART_BYTES_MAX + 1) };
      await expect(createUploads(store().db).addPart(await newKey(), part, NOW)).rejects.toMatchObject({
        code: 'limit_exceeded',
      });
    });

    test('what is old is forgotten', async () => {
      const uploads = createUploads(store().db);
      const key = await newKey();
      await uploads.record(key, [file()], NOW);
      await uploads.addPart(key, { digest: randomBytes(32), files: [], bytes: randomBytes(1) }, NOW);
      await uploads.record({ ...key, manifestUuid: randomUUID() }, [file()], NOW + 61 * DAY_MS);
      expect(await uploads.files(key.tenantId, key.manifestUuid)).toEqual([]);
      expect(await uploads.parts(key)).toEqual([]);
    });
  });

  describe('clusters by the id of their operator', () => {
    test('many who name a new one at once get the same one', async () => {
      const { id } = await newTenant(store);
      const clusters = createClusters(store().db);
      const ask = () => clusters.resolveExternal(id, { externalId: 'x-1', name: 'prod' }, NOW);
      const found = await Promise.all(Array.from({ length: 10 }, ask));
      expect(new Set(found.map((it) => it.id)).size).toBe(1);
      expect(await clusters.get(id, found[0]?.id ?? '')).toMatchObject({ externalId: 'x-1', name: 'prod' });
    });

    test('namesakes are told apart, however long their names', async () => {
      const { id } = await newTenant(store);
      const clusters = createClusters(store().db);
      for (const name of ['prod', 'n'.repeat(253)]) {
        const made = [];
        for (const externalId of ['12345678-a', '12345678-b', '12345678-c', 'x'.repeat(253)]) {
          made.push(
            await clusters.resolveExternal(
              id,
              { externalId: externalId.slice(0, 253 - 2) + name.slice(0, 2), name },
              NOW,
            ),
          );
        }
        expect(new Set(made.map((it) => it.id)).size).toBe(4);
        expect(new Set(made.map((it) => it.name)).size).toBe(4);
      }
    });

    test('an id is given once, and to one cluster', async () => {
      const { id } = await newTenant(store);
      const clusters = createClusters(store().db);
      const [a, b] = [await clusters.resolve(id, 'a', NOW), await clusters.resolve(id, 'b', NOW)];
      const bind = async (cluster: { id: string }, externalId: string) =>
        (await clusters.bindExternal(id, cluster.id, externalId))?.externalId;
      expect(await bind(a, 'x')).toBe('x');
      expect(await bind(a, 'y')).toBe('x');
      expect(await bind(b, 'x')).toBeNull();
      expect(await bind({ id: randomUUID() }, 'z')).toBeUndefined();
      expect(await clusters.bindExternal((await newTenant(store)).id, b.id, 'z')).toBeUndefined();
    });
  });
}
