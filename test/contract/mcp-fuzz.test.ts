import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mcpEndpoint } from '../../src/contracts/mcp.ts';
import { createTools } from '../../src/http/mcp/tools.ts';
import { HOUR_MS } from '../../src/lib/clock.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { contractValue, hostileValue } from '../support/schema-arbitrary.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/**
 * Whatever an assistant is made to ask: an answer that the tool promises (the server checks it under test), or a refusal that
 * says why; never a failure of ours, never another tenant's data.
 */
const RUNS = 120;
/** In the name of everything that the victim owns. */
const CANARY = 'canary-91be';
const TOOLS = [
  'explain_cost',
  'list_clusters',
  'get_allocations',
  'get_assets',
  'get_trends',
  'get_efficiency',
  'get_recommendations',
];

let server: TestServer;
let attacker: string;

beforeAll(async () => {
  server = await startTestServer({ http: { rateLimit: { perKeyPerMinute: 1_000_000, burst: 1_000_000 } } });
  attacker = await server.key(await server.tenant(), ['read']);
  const tenant = await server.tenant();
  const cluster = (await server.deps.clusters.resolve(tenant, CANARY, 0)).id;
  const ats = [30, 25, 20, 15].map((minutes) => Date.now() - HOUR_MS - minutes * 60_000);
  const pod = { namespace: CANARY, pod: CANARY, node: CANARY, controller: CANARY, cpuUsage: 1e8, memoryUsage: 1e8 };
  await server.deps.intake.accept(
    { tenant, cluster },
    {
      source: 'agent',
      nodes: ats.map((at) => nodeSample({ at, node: CANARY, cpuCapacity: 4e9, memoryCapacity: 2 ** 33 })),
      containers: ats.map((at) => containerSample({ ...pod, at })),
    },
  );
  await server.roll();
  expect((await call('get_allocations', {}, await server.key(tenant, ['read']))).text).toContain(CANARY);
});
afterAll(() => server.close());

async function call(name: string, args: unknown, key = attacker) {
  const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
  const headers = { 'x-api-key': key };
  const response = await server.app.inject({ method: 'POST', url: '/mcp', payload, headers });
  return { status: response.statusCode, text: response.body, reply: () => mcpEndpoint.reply.parse(response.json()) };
}

test('these are all tools', () => {
  expect(
    createTools(server.deps)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(TOOLS.toSorted());
});

/** No body of any route may have such a member: it is refused before a tool is known. */
const UNREADABLE = /"__proto__":/;

describe.each(TOOLS)('%s', (name) => {
  test('answers or refuses with a reason, whatever its arguments are', async () => {
    const tool = createTools(server.deps).find((one) => one.name === name);
    if (tool === undefined) throw new Error(`there is no ${name}`);
    const kinds = new Set<string>();
    const anything = fc.oneof({ weight: 5, arbitrary: contractValue(tool.input, [CANARY]) }, hostileValue);
    await fc.assert(
      fc.asyncProperty(anything, async (args) => {
        const asked = JSON.stringify(args) ?? '';
        const { status, text, reply } = await call(name, args);
        if (UNREADABLE.test(asked)) {
          expect(status, asked).toBe(400);
          return;
        }
        expect(status, `${asked} → ${text.slice(0, 300)}`).toBe(200);
        expect(text, asked).not.toMatch(/\(internal\)|\(store_|query_timeout/);
        expect(text.includes(CANARY) && !asked.includes(CANARY), asked).toBe(false);
        const said = Object(reply());
        kinds.add(said.error || said.result.isError ? 'refused' : 'answered');
      }),
      { numRuns: RUNS, examples: [[{}], ['no arguments at all'], [JSON.parse('{"__proto__":0}')]] },
    );
    expect([...kinds].toSorted()).toEqual(['answered', 'refused']);
  });
});
