import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPostgres, startPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { findRedis, startRedis, type TestRedis } from '../../test/support/redis.ts';
import { testRelational } from '../../test/support/relational.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { createMemoryCache } from '../store/cache/memory-cache.ts';
import { createRedisCache } from '../store/cache/redis-cache.ts';
import { openRedis, type RedisConnection } from '../store/cache/redis-connection.ts';
import { createApiKeys } from '../store/relational/api-keys.ts';
import { createAudit } from '../store/relational/audit.ts';
import { migrate } from '../store/relational/migrate.ts';
import { openPostgres } from '../store/relational/postgres-engine.ts';
import type { Relational } from '../store/relational/relational.ts';
import { type Access, createAccess } from './access.ts';
import type { IssuedKey } from './issue-key.ts';
import { createKeyRecords } from './key-records.ts';
import type { Principal } from './principal.ts';

const PEPPER = 'a pepper of some length';
let now = Date.UTC(2026, 0, 31, 12);
const clock = { now: () => now };

const header = (key: IssuedKey) => ({ 'x-api-key': `${key.keyId}:${key.secret}` });

describe('administration', () => {
  let relational: Relational;
  let access: Access;
  let operator: Principal;
  beforeAll(async () => {
    relational = await testRelational();
    access = createAccess({ relational, cache: createMemoryCache(clock), pepper: PEPPER, clock });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => access.tenants.initialise({ tenantName: 'first' })));
    const made = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    expect(made, 'of many initialisations at once one makes the operator key').toHaveLength(1);
    operator = await access.authenticator.authenticate(header(made[0]?.key as IssuedKey));
  });
  afterAll(() => relational.close());

  const newTenant = async () => access.tenants.create(operator, `tenant ${crypto.randomUUID()}`);
  const newAdmin = async () => {
    const tenant = await newTenant();
    const key = await access.keys.create(operator, { tenantId: tenant.id, name: 'admin', scopes: ['admin', 'read'] });
    return { tenant, key, principal: await access.authenticator.authenticate(header(key)) };
  };

  test('the operator key is made once, and again only when asked for', async () => {
    await expect(access.tenants.initialise({ tenantName: 'first' })).rejects.toMatchObject({ code: 'conflict' });
    const { key, tenant } = await access.tenants.initialise({ tenantName: 'first', another: true });
    expect(await access.authenticator.authenticate(header(key))).toMatchObject({
      tenantId: tenant.id,
      scopes: key.scopes,
    });
    expect(tenant.id).toBe(operator.tenantId);
  });

  test('a key says who is calling, and its secret is nowhere in the store', async () => {
    const { tenant, principal } = await newAdmin();
    const request = { name: 'agent', scopes: ['ingest'], clusterName: 'prod', expiresAt: now + HOUR_MS } as const;
    const key = await access.keys.create(principal, request);
    expect(await access.authenticator.authenticate({ authorization: `ApiKey ${key.keyId}:${key.secret}` })).toEqual({
      tenantId: tenant.id,
      keyId: key.keyId,
      scopes: ['ingest'],
      clusterId: key.clusterId,
    });
    const { rows } = await sql<{
      text: string;
    }>`select json_agg(k)::text || (select json_agg(a)::text from audit_events a)
      as text from api_keys k`.execute(relational.db);
    expect(rows[0]?.text).toContain(key.keyId);
    expect(rows[0]?.text).not.toContain(key.secret);
    expect(JSON.stringify(await access.keys.list(principal, { limit: 10 }))).not.toMatch(/secret|salt/i);
  });

  test('a wrong secret and an unknown id get the same answer, whatever became of the key', async () => {
    const { key } = await newAdmin();
    await access.keys.revoke(operator, key.keyId);
    const other = await access.keys.create(operator, { name: 'x', scopes: ['read'] });
    const claims = [
      `${crypto.randomUUID()}:${key.secret}`,
      `${other.keyId}:${key.secret}`,
      `${key.keyId}:${other.secret}`,
    ];
    const ask = (claim: string) => access.authenticator.authenticate({ 'x-api-key': claim });
    const asked = await Promise.allSettled(claims.map(ask));
    const answers = asked.map((it) => it.status === 'rejected' && { code: it.reason.code, message: it.reason.message });
    expect(answers[0]).toMatchObject({ code: 'api_key_invalid' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    await expect(access.authenticator.authenticate(header(key))).rejects.toMatchObject({ code: 'api_key_revoked' });
  });

  test('a key ends at its instant, also when it is cached', async () => {
    const key = await access.keys.create(operator, { name: 'brief', scopes: ['read'], expiresAt: now + 1_000 });
    await access.authenticator.authenticate(header(key));
    now += 999;
    await access.authenticator.authenticate(header(key));
    now += 1;
    await expect(access.authenticator.authenticate(header(key))).rejects.toMatchObject({ code: 'api_key_expired' });
  });

  test('a rotated key gives way to its successor: at once, or after the grace period', async () => {
    const { principal } = await newAdmin();
    const request = { name: 'agent', scopes: ['ingest', 'read'], clusterName: undefined } as const;
    const first = await access.keys.create(principal, request);
    await access.authenticator.authenticate(header(first));
    const second = await access.keys.rotate(principal, first.keyId, { graceSeconds: 60 });
    expect(second).toMatchObject({ name: 'agent', scopes: ['ingest', 'read'], rotatedFrom: first.keyId });
    await access.authenticator.authenticate(header(first));
    now += 60_000;
    await expect(access.authenticator.authenticate(header(first))).rejects.toMatchObject({ code: 'api_key_expired' });
    const third = await access.keys.rotate(principal, second.keyId);
    await expect(access.authenticator.authenticate(header(second))).rejects.toMatchObject({ code: 'api_key_revoked' });
    await access.authenticator.authenticate(header(third));
    await expect(access.keys.rotate(principal, second.keyId)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of two rotations at once one wins', async () => {
    const key = await access.keys.create(operator, { name: 'x', scopes: ['read'] });
    const outcomes = await Promise.allSettled([1, 2].map(() => access.keys.rotate(operator, key.keyId)));
    expect(outcomes.map((it) => it.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('nobody administers what is not theirs, or gives what they have not', async () => {
    const { principal: admin, tenant } = await newAdmin();
    const foreign = await newAdmin();
    const readKey = await access.keys.create(admin, { name: 'reader', scopes: ['read'] });
    const reader = await access.authenticator.authenticate(header(readKey));
    const operatorKey = await access.keys.create(operator, { tenantId: tenant.id, name: 'op', scopes: ['operator'] });
    const f = (doing: Promise<unknown>, code: string) => expect(doing).rejects.toMatchObject({ code });

    await f(access.keys.create(reader, { name: 'x', scopes: ['read'] }), 'scope_missing');
    await f(access.keys.list(reader, { limit: 1 }), 'scope_missing');
    await f(access.keys.revoke(reader, readKey.keyId), 'scope_missing');
    await f(access.tenants.create(admin, 'x'), 'scope_missing');
    await f(access.keys.create(admin, { name: 'x', scopes: ['operator'] }), 'scope_missing');
    await f(access.keys.create(admin, { tenantId: foreign.tenant.id, name: 'x', scopes: ['read'] }), 'scope_missing');
    await f(access.keys.list(admin, { tenantId: foreign.tenant.id, limit: 1 }), 'scope_missing');
    await f(access.keys.revoke(admin, foreign.key.keyId), 'not_found');
    await f(access.keys.rotate(admin, foreign.key.keyId), 'not_found');
    await f(access.keys.revoke(admin, operatorKey.keyId), 'scope_missing');
    await f(access.keys.rotate(admin, operatorKey.keyId), 'scope_missing');
    await f(access.keys.create(admin, { name: 'x', scopes: [] }), 'invalid_request');
    await f(access.keys.create(admin, { name: 'x', scopes: ['admin'], clusterName: 'prod' }), 'invalid_request');
    await f(access.keys.create(admin, { name: 'x', scopes: ['read'], expiresAt: now }), 'invalid_request');
    await f(access.keys.create(operator, { tenantId: crypto.randomUUID(), name: 'x', scopes: ['read'] }), 'not_found');
    expect(await access.tenants.list(admin, { limit: 10 })).toEqual([tenant]);
    await access.authenticator.authenticate(header(foreign.key));
  });

  test('every act is in the audit trail, and none that failed', async () => {
    const { tenant, principal, key } = await newAdmin();
    const made = await access.keys.create(principal, { name: 'x', scopes: ['read'] });
    await expect(access.keys.create(principal, { name: '', scopes: ['read'] })).rejects.toThrow(/name/);
    const next = await access.keys.rotate(principal, made.keyId);
    await access.keys.revoke(principal, next.keyId);
    await access.keys.revoke(principal, next.keyId);
    const trail = await createAudit(relational.db).list(tenant.id, 100);
    expect(trail.toReversed().map((it) => [it.action, it.actor, it.target])).toEqual([
      ['tenant.create', operator.keyId, tenant.id],
      ['api_key.create', operator.keyId, key.keyId],
      ['api_key.create', principal.keyId, made.keyId],
      ['api_key.rotate', principal.keyId, made.keyId],
      ['api_key.revoke', principal.keyId, next.keyId],
    ]);
  });

  test('a use is noted, to the hour', async () => {
    const key = await access.keys.create(operator, { name: 'x', scopes: ['read'] });
    const first = now;
    for (const at of [first, first + HOUR_MS - 1]) {
      now = at;
      await access.authenticator.authenticate(header(key));
    }
    expect((await createApiKeys(relational.db).get(operator.tenantId, key.keyId))?.lastUsedAt).toBe(first);
  });
});

const bin = await findPostgres();
const program = await findRedis();
describe.skipIf(bin === undefined || program === undefined)('replicas', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  let url: string;
  const open: Array<{ close(): Promise<void> }> = [];
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(bin ?? ''), startRedis(program ?? '')]);
    url = await postgres.database();
    await migrate(openStore());
  });
  afterAll(async () => {
    await Promise.all(open.map((it) => it.close()));
    await Promise.all([postgres.end(), redis.end()]);
  });

  function openStore(): Relational {
    const relational = openPostgres({ url });
    open.push(relational);
    return relational;
  }
  async function connect(): Promise<RedisConnection> {
    const connection = await openRedis({ url: redis.url });
    open.push(connection);
    return connection;
  }
  const withRedis = async () =>
    createAccess({ relational: openStore(), cache: createRedisCache(await connect()), pepper: PEPPER, clock });
  const withoutRedis = async () =>
    createAccess({ relational: openStore(), cache: createMemoryCache(clock), pepper: PEPPER, clock });
  const ready = async (start: () => Promise<Access>) => {
    const [one, other] = [await start(), await start()];
    const { key } = await one.tenants.initialise({ tenantName: 'first', another: true });
    return { one, other, operator: await one.authenticator.authenticate(header(key)) };
  };

  test.each([
    ['with Redis', withRedis],
    ['without Redis', withoutRedis],
  ])('%s: a revocation on one replica holds on every other at once', async (_, start) => {
    const { one, other, operator } = await ready(start);
    for (let round = 0; round < 20; round += 1) {
      const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
      for (const replica of [one, other]) await replica.authenticator.authenticate(header(key));
      const asking = Array.from({ length: 10 }, () => other.authenticator.authenticate(header(key)).catch(() => {}));
      await one.keys.revoke(operator, key.keyId);
      await expect(other.authenticator.authenticate(header(key))).rejects.toMatchObject({ code: 'api_key_revoked' });
      await Promise.all(asking);
      await expect(other.authenticator.authenticate(header(key))).rejects.toMatchObject({ code: 'api_key_revoked' });
    }
  });

  test.each([
    ['with Redis a key is cached', withRedis, ['read']],
    ['without Redis it is not, because nobody would tell the other replicas', withoutRedis, ['ingest']],
  ])('%s', async (_, start, want) => {
    const { one, other, operator } = await ready(start);
    const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
    await one.authenticator.authenticate(header(key));
    await sql`update api_keys set scopes = array['ingest'] where key_id = ${key.keyId}`.execute(openStore().db);
    expect((await other.authenticator.authenticate(header(key))).scopes).toEqual(want);
  });

  test('a reader that was overtaken by a change does not put the old state back', async () => {
    const { one, operator } = await ready(withRedis);
    const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
    const apiKeys = createApiKeys(openStore().db);
    const cache = createRedisCache(await connect());
    const [read, resume] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = createKeyRecords({
      apiKeys: {
        async find(keyId) {
          const found = await apiKeys.find(keyId);
          read.resolve();
          await resume.promise;
          return found;
        },
      },
      cache,
      clock,
    });
    const reading = slow.find(key.keyId);
    await read.promise;
    await one.keys.revoke(operator, key.keyId);
    resume.resolve();
    expect(await reading).toMatchObject({ revokedAt: null });
    const next = await createKeyRecords({ apiKeys, cache, clock }).find(key.keyId);
    expect(next?.revokedAt).not.toBeNull();
  });

  test.each(['', 'null', '[]', '{}', '{"tenantId":1}', '{"tenantId":"x","scopes":["operator"]}', 'garbage'])(
    'what others left in the cache is not believed: %s',
    async (left) => {
      const { one, operator } = await ready(withRedis);
      const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
      await createRedisCache(await connect()).set(`apikey:${key.keyId}`, left, 60_000);
      expect((await one.authenticator.authenticate(header(key))).scopes).toEqual(['read']);
    },
  );

  test('the cache never holds a secret', async () => {
    const { one, operator } = await ready(withRedis);
    const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
    await one.authenticator.authenticate(header(key));
    const cached = await createRedisCache(await connect()).get(`apikey:${key.keyId}`);
    expect(cached).toContain(operator.tenantId);
    expect(cached).not.toContain(key.secret);
  });

  test('while Redis is away keys are checked against the store, and a revocation says what it could not do', async () => {
    const mortal = await startRedis(program ?? '');
    const connection = await openRedis({ url: mortal.url });
    open.push(connection);
    const { one, operator } = await ready(async () =>
      createAccess({ relational: openStore(), cache: createRedisCache(connection), pepper: PEPPER, clock }),
    );
    const key = await one.keys.create(operator, { name: 'x', scopes: ['read'] });
    await mortal.end();
    await one.authenticator.authenticate(header(key));
    await expect(one.keys.revoke(operator, key.keyId)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(one.authenticator.authenticate(header(key))).rejects.toMatchObject({ code: 'api_key_revoked' });
  });
});
