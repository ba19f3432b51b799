import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';

let server: TestServer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.key(await server.tenant(), ['read', 'admin']);
});
afterAll(() => server.close());

type Method = 'GET' | 'POST' | 'DELETE';

async function call(method: Method, url: string, payload?: object, key = admin) {
  const response = await server.app.inject({
    method,
    url,
    headers: { 'x-api-key': key },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

const FROM = { effective_from: '2026-01-01T00:00:00Z' };

describe('a price version', () => {
  test('that begins with a book has its rates but for those it names', async () => {
    const { status, body } = await call('POST', '/v1/prices', { ...FROM, base: 'aws', rates: { gpu_hour: '2.5' } });
    expect(status).toBe(201);
    const { books } = (await call('GET', '/v1/prices/books')).body;
    const aws = books.find(({ base }: { base: string }) => base === 'aws');
    expect(body.rates).toEqual({ ...aws.rates, gpu_hour: '2.5' });
    expect(body.base).toBe('aws');
  });

  test('is shown whole by its id, with what was given, and in the list by how much that is', async () => {
    const rules = [
      { match: { pool: 'batch', spot: false }, node_hour: '0.4' },
      { match: { instance_type: 'm5.large', region: 'eu-west-1' }, cpu_core_hour: '0.02', ram_gib_hour: 0.003 },
      { match: { labels: { 'example.com/team': 'ml' } }, gpu_hour: 1.25 },
      { match: {}, discount_percent: '12.5', discount_of: ['reported'] },
      { match: { node: 'n1' }, discount_percent: 3 },
    ];
    const added = await call('POST', '/v1/prices', { ...FROM, base: 'gcp', rules, storage_classes: { ssd: '0.0002' } });
    expect(added.status).toBe(201);
    expect(added.body.storage_classes).toEqual({ ssd: '0.0002' });
    expect(added.body.rules).toEqual([
      rules[0],
      { ...rules[1], ram_gib_hour: '0.003' },
      { ...rules[2], gpu_hour: '1.25' },
      rules[3],
      { ...rules[4], discount_percent: '3', discount_of: ['book', 'reported'] },
    ]);
    const { price_version_id: id } = added.body;
    expect((await call('GET', `/v1/prices/${id}`)).body).toEqual(added.body);
    const { prices } = (await call('GET', '/v1/prices')).body;
    const { rules: _rules, storage_classes: _classes, ...head } = added.body;
    expect(prices.at(-1)).toEqual(head);
    const other = await server.key(await server.tenant(), ['read']);
    expect((await call('GET', `/v1/prices/${id}`, undefined, other)).status).toBe(404);
  });

  test('with rules that cannot be meant is refused, and the refusal says which and why', async () => {
    const f = async (more: object, status: number, message: string) => {
      const refusal = await call('POST', '/v1/prices', { ...FROM, base: 'aws', ...more });
      expect([refusal.status, JSON.stringify(refusal.body)]).toEqual([status, expect.stringContaining(message)]);
    };
    const good = { match: { node: 'n1' }, node_hour: 1 };
    for (const rate of ['1000000', 1_000_000, -1, '-1', '1e3', '0.0000000000001', true]) {
      await f({ rates: { cpu_core_hour: rate } }, 400, 'must be from 0 to 999999, with at most 12 decimals');
    }
    await f({ rules: [good, { match: {} }] }, 400, 'rule 2 sets neither a price nor a discount');
    await f({ rules: [{ ...good, ram_gib_hour: 1 }] }, 400, 'rule 1 sets a price of the whole node and rates');
    await f({ rules: [{ match: {}, discount_percent: '100.1' }] }, 400, 'rules.0.discount_percent');
    await f({ rules: [{ match: { nod: 'n1' }, node_hour: 1 }] }, 400, 'nod');
    await f({ rules: Array.from({ length: 1_001 }, () => good) }, 400, '1000');
    const kinds = Array.from({ length: 33 }, (_, label) => ({
      match: { labels: { [`l${label}`]: 'x' } },
      node_hour: 1,
    }));
    await f({ rules: kinds }, 422, '33 kinds of rules');
    const long = Array.from({ length: 200 }, () => ({ match: { node: 'n'.repeat(500) }, node_hour: 1 }));
    await f({ rules: long }, 422, '100000 bytes in what rules compare with; at most 65536');
    const classes = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`c${index}`, 1]));
    await f({ storage_classes: classes }, 422, '201 storage classes; at most 200');
  });
});

describe('a price book as CSV', () => {
  const header = 'InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly';

  test('becomes the rules and storage classes of a version', async () => {
    const csv = [header, 'batch,,node,metadata.labels.pool,,0.4', 'ssd,,pv,spec.storageClassName,,0.0002'].join('\n');
    const { status, body } = await call('POST', '/v1/prices/import', { ...FROM, base: 'aws', csv, note: 'January' });
    expect([status, body.base, body.note]).toEqual([201, 'aws', 'January']);
    expect(body.rules).toEqual([{ match: { labels: { pool: 'batch' } }, node_hour: '0.4' }]);
    expect(body.storage_classes).toEqual({ ssd: '0.0002' });
  });

  test('is refused whole with every line that cannot be taken', async () => {
    const csv = [header, 'a,,node,metadata.name,,1', 'b,,node,metadata.name,,x', 'c,,disk,metadata.name,,1'].join('\n');
    const { status, body } = await call('POST', '/v1/prices/import', { ...FROM, csv });
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { field: 'csv line 3', message: expect.stringContaining('"x" is no price') },
      { field: 'csv line 4', message: expect.stringContaining('"disk" is not known') },
    ]);
  });
});

test('what the documentation tells to send is taken', async () => {
  const page = await readFile(new URL('../../../docs/prices.md', import.meta.url), 'utf8');
  const posts = [...page.matchAll(/\$URL(\S+)" -d '(\{.*?\})'/gs)];
  expect(posts.map(([, url]) => url)).toEqual(['/v1/prices', '/v1/currencies/EUR']);
  for (const [, url = '', body = ''] of posts) {
    const { status } = await call('POST', url, JSON.parse(body));
    expect(status, url).toBeLessThan(300);
  }
  const csv = /```csv\n(.*?)```/s.exec(page)?.[1];
  const { body } = await call('POST', '/v1/prices/import', { ...FROM, base: 'aws', csv });
  expect([body.rule_count, body.storage_class_count]).toEqual([5, 1]);
});

describe('exchange rates', () => {
  const url = '/v1/currencies/EUR';

  test('are kept exactly, by their days, and are the tenant’s own', async () => {
    await call('DELETE', url);
    const rates = [
      { effective_on: '2026-01-02', per_usd: '0.920000001' },
      { effective_on: '2026-01-01', per_usd: 0.91 },
    ];
    expect((await call('POST', '/v1/currencies/eur', { rates })).body).toEqual({ currency: 'EUR', rates: 2 });
    expect((await call('GET', url)).body.rates).toEqual([
      { effective_on: '2026-01-01', per_usd: '0.91' },
      { effective_on: '2026-01-02', per_usd: '0.920000001' },
    ]);
    expect((await call('GET', '/v1/currencies')).body.currencies).toEqual([
      { currency: 'EUR', rates: 2, first_on: '2026-01-01', last_on: '2026-01-02' },
    ]);
    const other = await server.key(await server.tenant(), ['read', 'admin']);
    expect((await call('GET', url, undefined, other)).status).toBe(404);
    expect((await call('DELETE', `${url}?effective_on=2026-01-02`)).status).toBe(200);
    expect((await call('DELETE', `${url}?effective_on=2026-01-02`)).status).toBe(404);
    expect((await call('GET', url)).body.rates).toHaveLength(1);
  });

  test('that cannot be are refused by their field', async () => {
    const f = async (rate: object, field: string) => {
      const { status, body } = await call('POST', url, {
        rates: [{ effective_on: '2026-01-01', per_usd: 1, ...rate }],
      });
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(field)]);
    };
    await f({ per_usd: 0 }, 'per_usd');
    await f({ per_usd: '0' }, 'is no rate');
    await f({ per_usd: '1e3' }, 'per_usd');
    await f({ effective_on: '2026-02-30' }, 'effective_on');
    await f({ effective_on: '0000-01-01' }, 'must not be before 1970-01-01');
    expect((await call('POST', '/v1/currencies/USD', { rates: [] })).status).toBe(400);
    expect((await call('POST', '/v1/currencies/EURO', { rates: [] })).status).toBe(400);
    const reader = await server.key(await server.tenant(), ['read']);
    const rates = [{ effective_on: '2026-01-01', per_usd: 1 }];
    expect((await call('POST', url, { rates }, reader)).status).toBe(403);
  });
});
