import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { factBatch, nodeFact } from '../../test/support/facts.ts';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { runCli } from './program.ts';

const DAY = Date.UTC(2026, 4, 17);
const NOW = DAY + 24 * HOUR_MS;
const clock = { now: () => NOW };
const away = async (): Promise<never> => {
  throw new AppError('store_unavailable', 'not opened in this test');
};

let server: TestServer;
let tenant: string;
let key: string;
beforeAll(async () => {
  server = await startTestServer({ deps: { clock } });
  tenant = await server.tenant();
  key = await server.key(tenant, ['read']);
  const cluster = (await server.deps.clusters.resolve(tenant, 'east', NOW)).id;
  const facts = [0, 1, 2].flatMap((hour) =>
    ['a', 'b'].map((node) => nodeFact(DAY + hour * HOUR_MS, { node, cores: 4, labels: { team: node } })),
  );
  await server.deps.intake.accept({ tenant, cluster }, factBatch(facts));
});
afterAll(() => server.close());

async function run(argv: readonly string[]) {
  let out = '';
  let err = '';
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), color: false };
  /** The stores of "this machine" are those of the test's server. */
  const openCosts: CliDeps['openCosts'] = async () => ({
    costs: server.deps.costs,
    nodes: server.deps.nodes,
    findTenant: async (name) => ({ id: tenant, name }),
    close: async () => {},
  });
  const verbs = { openAdministration: away, migrate: away, serve: away, serveDemo: away, collect: away, agent: away };
  const code = await runCli(argv, { io, clock, openCosts, ...verbs, stopWish: async () => {} });
  return { code, out, err };
}

const remote = () => ['--server', server.url, '--key', key];

test('a server and this machine’s stores give the same table, which adds up', async () => {
  const asked = await run(['report', 'nodes', '--window', '24h', ...remote()]);
  expect(asked).toMatchObject({ code: 0, err: '' });
  expect(asked.out).toBe(
    [
      'Date        Cluster  Type    vCPU-hours  Peak vCPUs  Peak at                   Node-hours  Peak nodes  Nodes',
      '2026-05-17  east     worker          24           8  2026-05-17T00:00:00.000Z           6           2      2',
      'Total                                24                                                 6',
      '',
      '2026-05-17T00:00:00.000Z to 2026-05-18T00:00:00.000Z, whole cores',
      'coverage 12.5 % (3 of 24 h)',
      '  east: 12.5 % (3 of 24 h)',
      '',
    ].join('\n'),
  );
  expect(await run(['report', 'nodes', '--window', '24h'])).toEqual(asked);
});

test('rows are grouped and stepped as asked, in every format', async () => {
  const asked = ['report', 'nodes', '-w', '24h', '-g', 'label:team', '--step', 'window'];
  const csv = await run([...asked, '--format', 'csv', ...remote()]);
  expect(csv.out).toBe(
    'label,vcpu_hours,peak_vcpus,peak_at,node_hours,peak_nodes,nodes\r\n' +
      'a,12,4,2026-05-17T00:00:00.000Z,3,1,1\r\n' +
      'b,12,4,2026-05-17T00:00:00.000Z,3,1,1\r\n',
  );
  const json = JSON.parse((await run([...asked, '--format', 'json', ...remote()])).out);
  expect(json).toMatchObject({ group_by: ['label:team'], total: { vcpu_hours: 24 }, pagination: { total: 2 } });
  expect(parse((await run([...asked, '--format', 'yaml', ...remote()])).out)).toEqual(json);
});

test('what is wrong is told before anything is asked', async () => {
  const f = async (argv: string[], code: number, said: RegExp) => {
    const ran = await run(argv);
    expect(`${ran.code} ${ran.err}${ran.out}`, argv.join(' ')).toMatch(new RegExp(`^${code} `));
    expect(ran.err + ran.out, argv.join(' ')).toMatch(said);
  };
  await f(['report', 'nodes', '--group-by', 'pods'], 2, /can group by cluster, node_type and label:<key>/);
  await f(['report', 'nodes', '--window', 'soon'], 2, /it can be 7d/);
  await f(['report', 'nodes', '--step', 'hour'], 2, /Allowed choices are day, window/);
  await f(['report', '--window', '24h', 'nodes'], 2, /put --window after "nodes"/);
  await f(['report', 'nodes', '--cluster', 'north', ...remote()], 1, /no cluster named "north"/);
  await f(['report', 'nodes', '--help'], 0, /--group-by/);
});
