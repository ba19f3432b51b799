import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';

let server: TestServer;
let tenant: string;
let admin: string;

beforeAll(async () => {
  server = await startTestServer();
  tenant = await server.tenant();
  admin = await server.key(tenant, ['admin', 'read']);
});
afterAll(() => server.close());

async function call(key: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
  const request = { method, url, headers: { 'x-api-key': key } };
  const response = await server.app.inject(payload === undefined ? request : { ...request, payload });
  return { status: response.statusCode, body: response.json() };
}

describe('keys', () => {
  const wanted = { name: 'agents of east', scopes: ['ingest'], cluster_name: 'east' };

  test('a key works from its making until it is revoked, and its secret is shown once', async () => {
    const made = await call(admin, 'POST', '/v1/admin/api_keys', { ...wanted, scopes: ['read'] });
    expect(made).toMatchObject({ status: 201, body: { name: wanted.name, cluster_name: 'east', tenant_id: tenant } });
    const key = `${made.body.key_id}:${made.body.secret}`;
    expect((await call(key, 'GET', '/v1/clusters')).status).toBe(200);

    const listed = await call(admin, 'GET', '/v1/admin/api_keys');
    expect(JSON.stringify(listed.body)).not.toContain(made.body.secret);
    expect(listed.body.api_keys.map((it: { key_id: string }) => it.key_id)).toContain(made.body.key_id);

    const revoked = await call(admin, 'DELETE', `/v1/admin/api_keys/${made.body.key_id}`);
    expect(revoked).toMatchObject({ status: 200, body: { key_id: made.body.key_id, revoked_at: expect.any(String) } });
    expect(await call(key, 'GET', '/v1/clusters')).toMatchObject({ status: 401, body: { error: 'api_key_revoked' } });
  });

  test('a rotated key gives way to the new one', async () => {
    const made = await call(admin, 'POST', '/v1/admin/api_keys', { scopes: ['read'] });
    const old = `${made.body.key_id}:${made.body.secret}`;
    const path = `/v1/admin/api_keys/${made.body.key_id}/rotate`;
    const rotated = await call(admin, 'POST', path);
    expect(rotated).toMatchObject({ status: 201, body: { rotated_from: made.body.key_id, scopes: ['read'] } });
    const fresh = `${rotated.body.key_id}:${rotated.body.secret}`;
    expect((await call(old, 'GET', '/v1/clusters')).status).toBe(401);
    expect((await call(fresh, 'GET', '/v1/clusters')).status).toBe(200);
    expect((await call(admin, 'POST', path)).status).toBe(409);
  });

  test('pages of keys join without a gap or a double', async () => {
    const own = await server.tenant();
    const key = await server.key(own, ['admin']);
    for (let i = 0; i < 4; i += 1) await server.key(own, ['read']);
    const seen: string[] = [];
    let next = '';
    do {
      const page = await call(key, 'GET', `/v1/admin/api_keys?limit=2${next && `&before=${next}`}`);
      seen.push(...page.body.api_keys.map((it: { key_id: string }) => it.key_id));
      next = page.body.next ?? '';
    } while (next !== '');
    expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  });

  test('an admin has no power over another tenant, and cannot make itself an operator', async () => {
    const other = await server.tenant();
    const [theirs] = (await server.key(other, ['read'])).split(':');
    const f = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload: object | undefined, status: number) =>
      expect((await call(admin, method, url, payload)).status, `${method} ${url}`).toBe(status);
    await f('POST', '/v1/admin/api_keys', { scopes: ['read'], tenant_id: other }, 403);
    await f('POST', '/v1/admin/api_keys', { scopes: ['operator'] }, 403);
    await f('GET', `/v1/admin/api_keys?tenant_id=${other}`, undefined, 403);
    await f('DELETE', `/v1/admin/api_keys/${theirs}`, undefined, 404);
    await f('POST', `/v1/admin/api_keys/${theirs}/rotate`, undefined, 404);
    await f('POST', '/v1/admin/tenants', { name: 'mine' }, 403);
    expect((await call(server.operator, 'DELETE', `/v1/admin/api_keys/${theirs}`)).status).toBe(200);
  });

  test('what a key asks for is checked, field by field', async () => {
    const f = async (payload: object, ...fields: string[]) => {
      const { status, body } = await call(admin, 'POST', '/v1/admin/api_keys', payload);
      expect(status, JSON.stringify(payload)).toBe(400);
      if (fields.length > 0) expect(body.errors.map((it: { field: string }) => it.field)).toEqual(fields);
    };
    await f({}, 'scopes');
    await f({ scopes: [] }, 'scopes');
    await f({ scopes: ['root'], name: '', expires_at: 'soon', rank: 1 }, 'name', 'scopes.0', 'expires_at', 'rank');
    await f({ scopes: ['read'], name: 'a\u0000b' }, 'name');
    await f({ scopes: ['read'], name: 'a\ud800b' }, 'name');
    await f({ scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' });
    await f({ scopes: ['admin'], cluster_name: 'east' });
  });
});

describe('tenants', () => {
  test('an operator makes tenants and keys for them; an admin sees its own alone', async () => {
    const made = await call(server.operator, 'POST', '/v1/admin/tenants', { name: 'Ågot & sons' });
    expect(made).toMatchObject({ status: 201, body: { name: 'Ågot & sons' } });
    const again = await call(server.operator, 'POST', '/v1/admin/tenants', { name: 'Ågot & sons' });
    expect(again.status).toBe(409);
    const keyPost = { tenant_id: made.body.tenant_id, scopes: ['admin'] };
    const key = await call(server.operator, 'POST', '/v1/admin/api_keys', keyPost);
    const own = await call(`${key.body.key_id}:${key.body.secret}`, 'GET', '/v1/admin/tenants');
    expect(own.body).toEqual({ tenants: [made.body], next: null });
    const all = await call(server.operator, 'GET', '/v1/admin/tenants?limit=1000');
    expect(all.body.tenants.length).toBeGreaterThan(2);
  });
});

describe('prices', () => {
  const rates = {
    cpu_core_hour: '0.05',
    ram_gib_hour: 0.006,
    gpu_hour: 1,
    spot_cpu_core_hour: '0.01',
    spot_ram_gib_hour: '0.001',
    storage_gib_hour: 1e-7,
  };
  const price = { effective_from: '2026-01-01T00:00:00Z', rates };

  test('a price is kept exactly as it was given, beside the built-in book', async () => {
    const added = await call(admin, 'POST', '/v1/prices', { ...price, note: 'contract 7\nfrom January' });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      built_in: false,
      effective_from: '2026-01-01T00:00:00.000Z',
      rates: { cpu_core_hour: '0.05', ram_gib_hour: '0.006', gpu_hour: '1', storage_gib_hour: '0.0000001' },
    });
    const { prices } = (await call(admin, 'GET', '/v1/prices')).body;
    expect(prices.map((it: { built_in: boolean }) => it.built_in)).toEqual([true, false]);
    expect(added.body).toMatchObject(prices[1]);
    expect(
      (await call(await server.key(await server.tenant(), ['read']), 'GET', '/v1/prices')).body.prices,
    ).toHaveLength(1);
  });

  test('a price is of a whole hour, a known cluster, and of all its rates', async () => {
    const f = async (payload: object, status: number) =>
      expect((await call(admin, 'POST', '/v1/prices', payload)).status, JSON.stringify(payload)).toBe(status);
    await f({ ...price, effective_from: '2026-01-01T00:30:00Z' }, 400);
    await f({ ...price, cluster_name: 'nowhere' }, 404);
    await f({ ...price, rates: { ...rates, gpu_hour: undefined } }, 400);
    await f({ ...price, rates: { ...rates, gpu_hour: '-1' } }, 400);
    await f({ ...price, rates: { ...rates, gpu_hour: '1e3' } }, 400);
    await f({ ...price, rates: { ...rates, gpu_hour: 1e300 } }, 400);
    await f({ ...price, rates: { ...rates, gpu_hour: 1e-300 } }, 400);
    await f({ ...price, rates: { ...rates, gpu_hour: '0.1234567890123' } }, 400);
    await f({ ...price, note: 'a\u0000b' }, 400);
  });
});

test('clusters are listed to their own tenant, and to a key of one cluster only that', async () => {
  const own = await server.tenant();
  const bound = await server.key(own, ['read'], 'east');
  await server.deps.clusters.resolve(own, 'west', Date.now());
  const names = async (key: string) => {
    const { body } = await call(key, 'GET', '/v1/clusters');
    return body.clusters.map((it: { cluster_name: string }) => it.cluster_name);
  };
  expect(await names(await server.key(own, ['read']))).toEqual(['east', 'west']);
  expect(await names(bound)).toEqual(['east']);
  expect(await names(await server.key(await server.tenant(), ['read']))).toEqual([]);
});
