import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { createClient } from '../client/client.ts';
import { listPrices } from '../contracts/prices.ts';
import { systemClock } from '../lib/clock.ts';
import { runCli } from './program.ts';

const BOOK = `InstanceID,AssetClass,InstanceIDField,MarketPriceHourly
worker-a,node,metadata.name,0.24
A100,gpu,nvidia.com/gpu_type,2.1
ssd,pv,spec.storageClassName,0.0001
`;

let server: TestServer;
let folder: string;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  key = await server.key(await server.tenant(), ['read', 'admin']);
  folder = await mkdtemp(join(tmpdir(), 'kubetally-prices-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function run(csv: string, ...options: readonly string[]) {
  const file = join(folder, 'book.csv');
  await writeFile(file, csv);
  let [out, err] = ['', ''];
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), color: false };
  const away = () => Promise.reject(new Error('not opened in this test'));
  const verbs = { migrate: away, serve: away, serveDemo: away, collect: away, agent: away, openCosts: away };
  const rest = { ...verbs, openAdministration: away, stopWish: async () => {}, clock: systemClock };
  const code = await runCli(['prices', 'import', file, ...options], { io, ...rest });
  return { code, out, err };
}

test('a price book is shown without a server, and added to one', async () => {
  expect(await run(BOOK, '--dry-run')).toEqual({
    code: 0,
    out: `WHAT                      PRICE
node=worker-a             0.24 a node and hour
nvidia.com/gpu_type=A100  2.1 a GPU and hour
storage class ssd         0.0001 a GiB and hour
`,
    err: '',
  });
  const at = ['--server', server.url, '--key', key];
  const { out, err } = await run(BOOK, ...at, '--from', '2026-01-01T00:00:00Z', '--base', 'aws', '--note', 'ours');
  expect([out, err]).toEqual([
    expect.stringMatching(/^price version \S+: 2 rules, 1 storage classes, from 2026-01-01/),
    '',
  ]);
  const { prices } = await createClient({ url: server.url, key }).call(listPrices, {});
  expect(prices.at(-1)).toMatchObject({ base: 'aws', note: 'ours', rule_count: 2, storage_class_count: 1 });
});

test('what cannot be taken is named, and nothing is added', async () => {
  const f = async (csv: string, options: readonly string[], message: string) => {
    const { code, err } = await run(csv, ...options);
    expect([code > 0, err]).toEqual([true, expect.stringContaining(message)]);
  };
  const at = ['--server', server.url, '--key', key];
  await f(`${BOOK}worker-b,node,metadata.name,free\n`, ['--dry-run'], 'line 5: MarketPriceHourly "free"');
  await f(`${BOOK}worker-b,node,metadata.name,free\n`, [...at, '--from', '2026-01-01T00:00:00Z'], 'line 5: ');
  await f(BOOK, at, '--from');
  await f(BOOK, [...at, '--from', 'soon'], '--from must be an instant');
  await f(BOOK, [...at, '--from', '2026-01-01T00:30:00Z'], 'whole hour');
  await f(BOOK, ['--from', '2026-01-01T00:00:00Z'], 'a server must be named');
  await f(' '.repeat(4 * 1_048_576 + 1), ['--dry-run'], 'at most 4194304');
});
