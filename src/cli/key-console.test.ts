import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { createClient } from '../client/client.ts';
import { createTenant } from '../contracts/tenants.ts';
import { tenantIdAt } from './key-console.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('a tenant behind a server is found by its name as by its id, and one that is not there is told', async () => {
  const client = createClient({ url: server.url, key: server.operator });
  const name = `acme ${crypto.randomUUID()}`;
  const { tenant_id } = await client.call(createTenant, { body: { name } });
  expect(await tenantIdAt(client, name)).toBe(tenant_id);
  expect(await tenantIdAt(client, tenant_id)).toBe(tenant_id);
  await expect(tenantIdAt(client, 'nobody')).rejects.toMatchObject({
    code: 'not_found',
    message: 'this key knows no tenant "nobody"',
  });
});
