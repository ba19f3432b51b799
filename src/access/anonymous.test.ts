import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRelational } from '../../test/support/relational.ts';
import type { Relational } from '../store/relational/relational.ts';
import { createTenants } from '../store/relational/tenants.ts';
import { createAnonymousUploader } from './anonymous.ts';

let relational: Relational;
beforeAll(async () => {
  relational = await testRelational();
});
afterAll(() => relational.close());

test('nobody is somebody only where a tenant is named for that, and from when it is there', async () => {
  const tenants = createTenants(relational.db);
  const find = (name: string) => tenants.getByName(name);
  expect(await createAnonymousUploader(undefined, find)()).toBeNull();
  const uploader = createAnonymousUploader('acme', find);
  expect(await uploader()).toBeNull();
  const { id } = await tenants.create('acme', 1);
  expect(await uploader()).toEqual({ tenantId: id, keyId: 'anonymous', scopes: ['ingest'], clusterId: null });
});
