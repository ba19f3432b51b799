import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAccess } from '../access/access.ts';
import type { NamespaceCosts } from '../contracts/costs.ts';
import { NO_COSTS } from '../core/allocation/costs.ts';
import { AppError } from '../lib/errors.ts';
import { breakdown } from '../queries/costs.ts';
import { createMemoryCache } from '../store/cache/memory-cache.ts';
import { migrate } from '../store/relational/migrate.ts';
import { openPglite } from '../store/relational/pglite-engine.ts';
import type { Relational } from '../store/relational/relational.ts';
import { createTenants } from '../store/relational/tenants.ts';
import type { CliDeps } from './deps.ts';
import { runCli } from './program.ts';

const NOW = Date.parse('2026-03-01T12:30:00Z');
const NO_COST = breakdown(NO_COSTS);
const clock = { now: () => NOW };
const away = async (): Promise<never> => {
  throw new AppError('store_unavailable', 'not opened in this test');
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(argv: readonly string[], deps: Partial<CliDeps> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), color: false };
  const rest = {
    openAdministration: away,
    openCosts: away,
    migrate: away,
    serve: away,
    serveDemo: away,
    collect: away,
    agent: away,
    stopWish: async () => {},
  };
  const code = await runCli(argv, { io, clock, ...rest, ...deps });
  return { code, out, err };
}

describe('every command line', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('ends with 0 when done, 1 when it could not be, 2 when it was wrong', async () => {
    const f = async (argv: string[], code: number, said: RegExp) => {
      const ran = await run(argv);
      expect([ran.code, ran.out + ran.err], argv.join(' ')).toEqual([code, expect.stringMatching(said)]);
    };
    await f(['--help'], 0, /serve[\s\S]*report[\s\S]*Exit codes/);
    await f(['report', '--help'], 0, /--aggregate/);
    await f(['version'], 0, /^kubetally \d+\.\d+\.\d+/);
    await f([], 2, /Usage/);
    await f(['reprot'], 2, /Did you mean report/);
    await f(['report', '--formt', 'csv'], 2, /Did you mean --format/);
    await f(['report', '--format', 'xml'], 2, /Allowed choices are table, json, yaml, csv/);
    await f(['report', '--limit', '0'], 2, /whole number from 1/);
    await f(['report', '--server', 'http://127.0.0.1:2'], 2, /needs a key/);
    await f(['report', '--server', 'http://127.0.0.1:2', '--key', 'a:b', '--window', 'soon'], 2, /it can be 7d/);
    await f(
      ['report', '--server', 'http://127.0.0.1:2', '--key', 'a:b'],
      1,
      /cannot reach http:\/\/127\.0\.0\.1:2: .*ECONNREFUSED/,
    );
    await f(['report', '--server', 'ftp://x', '--key', 'a:b'], 1, /address such as/);
    await f(['report'], 1, /^kubetally: not opened in this test\n$/);
    await f(['keys', 'create', '--name', 'x', '--scopes', 'root'], 2, /Scopes are ingest, read, admin, operator/);
    await f(['keys', 'create'], 2, /--name/);
    await f(['serve', '--config', '/no/such.yml'], 2, /no such file/);
  });

  test('this machine is asked where it is named, whatever server the environment names; both cannot be', async () => {
    vi.stubEnv('KUBETALLY_SERVER', 'http://127.0.0.1:2');
    vi.stubEnv('KUBETALLY_KEY', 'a:b');
    const here = /^kubetally: not opened in this test\n$/;
    const f = async (argv: string[], code: number, said: RegExp) => {
      const ran = await run(argv);
      expect([ran.code, ran.out + ran.err], argv.join(' ')).toEqual([code, expect.stringMatching(said)]);
    };
    for (const verb of [['report'], ['report', 'nodes'], ['keys', 'list'], ['keys', 'revoke', 'x']]) {
      await f(verb, 1, /cannot reach http:\/\/127\.0\.0\.1:2/);
      await f([...verb, '--data', '/srv/kubetally'], 1, here);
      await f([...verb, '--config', '/no/such.yml'], 2, /no such file/);
      const both = [...verb, '--server', 'http://127.0.0.1:2', '--data', '/srv/kubetally'];
      await f(both, 2, /--server asks a server, --data this machine: only one can be asked/);
    }
  });

  test('a failure says so in one line', async () => {
    expect((await run(['serve'])).err).toBe('kubetally: not opened in this test\n');
  });
});

describe('config', () => {
  test('check is silent about values, print shows them with their place, schema is for editors', async () => {
    expect(await run(['config', 'check'])).toEqual({ code: 0, out: 'the configuration is good\n', err: '' });
    expect((await run(['config', 'print', '--data', '/srv/kubetally'])).out).toContain(
      'dataDir: /srv/kubetally # command line',
    );
    expect(JSON.parse((await run(['config', 'schema'])).out)).toMatchObject({
      type: 'object',
      additionalProperties: false,
    });
  });
});

describe('serve', () => {
  test('runs until it is asked to stop, and then closes', async () => {
    const events: string[] = [];
    const serve = async () => ({ url: 'http://127.0.0.1:9', close: async () => void events.push('closed') });
    const stopWish = async () => void events.push('stop');
    expect((await run(['serve'], { serve, stopWish })).err).toContain('http://127.0.0.1:9');
    expect(events).toEqual(['stop', 'closed']);
  });
});

describe('init and keys', () => {
  let relational: Relational;
  let deps: Partial<CliDeps>;
  beforeEach(async () => {
    relational = await openPglite({ folder: 'memory' });
    await migrate(relational);
    const { tenants, keys } = createAccess({
      relational,
      cache: createMemoryCache(clock),
      pepper: 'p'.repeat(16),
      clock,
    });
    const findTenant = (name: string) => createTenants(relational.db).getByName(name);
    deps = { openAdministration: async () => ({ tenants, keys, findTenant, close: async () => {} }) };
  });
  afterEach(() => relational.close());

  const KEY = /^([0-9a-f-]{36}):[\w-]{43}\n$/;

  test('the first key is printed once; a second one only when it is wanted', async () => {
    expect((await run(['init'], deps)).out).toMatch(KEY);
    const again = await run(['init'], deps);
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toContain('--new-key');
    const unneeded = await run(['init', '--if-none'], deps);
    expect([unneeded.code, unneeded.out, unneeded.err]).toEqual([0, '', expect.stringContaining('nothing to do')]);
    expect((await run(['init', '--new-key'], deps)).out).toMatch(KEY);
  });

  test('a key is made, listed, rotated and revoked; its secret is never listed', async () => {
    await run(['init'], deps);
    const made = await run(
      ['keys', 'create', '--name', 'agent of blue', '--cluster', 'blue', '--expires', '90d'],
      deps,
    );
    expect(made.out).toMatch(KEY);
    const keyId = KEY.exec(made.out)?.[1] ?? '';
    const secret = made.out.trim().split(':')[1] ?? '';
    const listed = await run(['keys', 'list'], deps);
    expect(listed.out).toMatch(new RegExp(`${keyId}  agent of blue  ingest +until 2026-05-30  2026-03-01  never`));
    expect(listed.out + listed.err).not.toContain(secret);
    const rotated = await run(['keys', 'rotate', keyId, '--grace', '24h'], deps);
    expect(rotated.out).toMatch(KEY);
    expect((await run(['keys', 'list'], deps)).out).toMatch(new RegExp(`${keyId} .*until 2026-03-02`));
    const fresh = KEY.exec(rotated.out)?.[1] ?? '';
    expect((await run(['keys', 'revoke', fresh], deps)).out).toBe(`revoked ${fresh}\n`);
    expect((await run(['keys', 'list'], deps)).out).toMatch(new RegExp(`${fresh} .*revoked`));
  });

  test('an unknown tenant or key is told', async () => {
    expect((await run(['keys', 'list', '--tenant', 'nobody'], deps)).err).toContain('there is no tenant "nobody"');
    await run(['init'], deps);
    const ran = await run(['keys', 'revoke', '00000000-0000-4000-8000-00000000000f'], deps);
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('there is no API key')]);
  });
});

describe('report of a server', () => {
  let server: Server;
  let url = '';
  let asked: { path: string; query: Record<string, string>; authorization: string | undefined }[] = [];
  const TOTAL_ROWS = 1_500;
  const OTHERS = { ...NO_COST, pv: '400', management: '100' };
  let others = OTHERS;

  beforeEach(async () => {
    asked = [];
    others = OTHERS;
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      const query = Object.fromEntries(searchParams);
      asked.push({ path: pathname, query, authorization: request.headers.authorization });
      const refused = request.headers.authorization !== 'Bearer id:good';
      response.writeHead(refused ? 401 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(refused ? { code: 'api_key_invalid', detail: 'this key is not known' } : page(query)),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  function page(query: Record<string, string>): NamespaceCosts {
    const [limit, offset] = [Number(query['limit']), Number(query['offset'])];
    const rows = Array.from(
      { length: Math.max(0, Math.min(limit, TOTAL_ROWS - offset)) },
      (_, index) => offset + index,
    );
    return {
      start_time: query['start_time'] ?? '',
      end_time: query['end_time'] ?? '',
      currency: 'USD',
      coverage: { hours_asked: 168, hours_covered: 165, ratio: 165 / 168, clusters: [] },
      total: { ...others, cpu: '1000', ram: '500', total: others === NO_COST ? '1500' : '2000' },
      pagination: { total: TOTAL_ROWS, limit, offset },
      costs: rows.map((index) => ({
        namespace: `ns-${index}`,
        total_cpu_request_millicores: 100,
        total_memory_request_bytes: 2 ** 30,
        avg_cpu_usage_millicores: 50,
        avg_memory_usage_bytes: 2 ** 29,
        pod_count: 1,
        estimated_cost_usd: 1,
        cost: { ...NO_COST, cpu: '0.666666666667', ram: '0.333333333333', total: '1' },
        efficiency: { cpu: 0.5, ram: 0.5, total: 0.5 },
      })),
    };
  }

  const report = (...argv: string[]) => run(['report', '--server', url, '--key', 'id:good', ...argv]);

  test('asks for exactly the window, under the path of the server, with the key', async () => {
    const ran = await report('--window', '24h', '--cluster', 'blue');
    expect(asked).toEqual([
      {
        path: '/base/v1/costs/namespaces',
        query: {
          start_time: '2026-02-28T12:30:00.000Z',
          end_time: '2026-03-01T12:30:00.000Z',
          cluster: 'blue',
          limit: '100',
          offset: '0',
        },
        authorization: 'Bearer id:good',
      },
    ]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^Total +2,000\.00 +1,000\.00 +500\.00 +500\.00$/m);
    expect(ran.out).toContain('Other is volumes 400.00, management 100.00.');
    expect(ran.out).toContain('coverage 98.2 % (165 of 168 h)');
    expect(ran.out).toContain('100 of 1500 rows shown');
  });

  test('a column that would hold nothing but zeros is left out of a table; CSV has each resource whatever it cost', async () => {
    const [table, csv] = [await report(), await report('--format', 'csv')];
    expect(table.out).toMatch(/^Namespace +Total +CPU +RAM +Other +Efficiency/);
    others = NO_COST;
    expect((await report()).out).toMatch(/^Namespace +Total +CPU +RAM +Efficiency/);
    expect(csv.out).toMatch(
      /^namespace,total_usd,cpu_usd,ram_usd,gpu_usd,volumes_usd,network_usd,load_balancers_usd,external_usd,management_usd,efficiency,/,
    );
    expect((await report('--format', 'csv')).out.split('\r\n')[0]).toBe(csv.out.split('\r\n')[0]);
  });

  test('gets as many pages as it takes, each row once', async () => {
    const ran = await report('--limit', '5000', '--format', 'csv');
    const names = ran.out
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(new Set(names).size).toBe(TOTAL_ROWS);
    expect(names).toHaveLength(TOTAL_ROWS);
    expect(asked).toHaveLength(2);
  });

  test('a refusal says what the server said', async () => {
    const ran = await run(['report', '--server', url, '--key', 'id:bad']);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toMatch(/^kubetally: http:\/\/127\.0\.0\.1:\d+ refused \(401\): this key is not known\n$/);
  });

  test('a reply that is no answer is refused, not shown', async () => {
    const ran = await report('--aggregate', 'cluster');
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain('cannot understand the reply');
  });
});
