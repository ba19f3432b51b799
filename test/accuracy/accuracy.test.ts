import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { addMoney, type Money, parseMoney, ZERO } from '../../src/lib/money.ts';
import { agentPost } from '../../src/sim/agent-post.ts';
import { collectorPosts } from '../../src/sim/collector-post.ts';
import { createFleet, type Fleet } from '../../src/sim/fleet.ts';
import { type ClusterTruth, type ContainerTruth, truthOf } from '../../src/sim/truth.ts';
import { parseAgentPost } from '../../src/sources/agent/agent.ts';
import { parseCollectorPost } from '../../src/sources/collector/collector.ts';
import { type ParsedPost, SOURCE_LIMITS } from '../../src/sources/source.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';

/** The ledger against the simulated truth, by resource: docs/decisions/0004 states what a source's samples can carry. */

const STEP_MS = 30 * SECOND_MS;
const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = MONDAY + 10 * HOUR_MS;
const ERROR_MAX = 0.001;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

describe('what changes only when samples are taken is carried wholly', () => {
  const fleet = createFleet({ preset: 'small', seed: 8, start: MONDAY, alignMs: STEP_MS });

  test('collectors: every namespace, CPU and RAM, to the last digit', async () => {
    const found = await costsOf(collectorHour(fleet));
    for (const [namespace, { cpu, ram }] of truthByNamespace(fleet)) {
      const row = found.get(namespace);
      expect([namespace, row?.cpu, row?.ram]).toEqual([namespace, cpu, ram]);
    }
  });

  test('agents, which count whole millicores and know neither starts nor ends: within 0.1 % by resource', async () => {
    const found = await costsOf(agentHour(fleet));
    const truth = [...truthByNamespace(fleet).values()];
    const charged = [...found].filter(([namespace]) => !namespace.startsWith('__')).map(([, row]) => row);
    for (const resource of ['cpu', 'ram'] as const) {
      const [want, got] = [truth, charged].map((rows) => Number(rows.reduce((sum, row) => sum + row[resource], 0n)));
      expect(Math.abs((got ?? 0) / (want ?? 1) - 1), resource).toBeLessThan(ERROR_MAX);
    }
  });
});

test('where everything moves freely, a pod’s run is off by less than an interval for each end that is not known', async () => {
  const fleet = createFleet({ preset: 'small', seed: 8, start: MONDAY });
  const tenant = await lab.tenant();
  await deliver({ tenant, cluster: await lab.cluster(tenant, 'free') }, agentHour(fleet));
  const runs = await runsOf(tenant);
  const { containers } = truthOfHour(fleet);
  const short = containers.filter((it) => isPart(it));
  expect(short.length).toBeGreaterThan(3);
  for (const it of containers) {
    const ends = unknownEnds(it);
    const charged = runs.get(`${it.namespace}/${it.pod}/${it.container}/${it.node}`) ?? 0;
    const errorMs = Math.abs(charged - it.runMs);
    expect(errorMs, `${it.namespace}/${it.pod}: ${charged} of ${it.runMs} ms`).toBeLessThanOrEqual(ends * STEP_MS);
  }
});

function isPart({ startedAt, endedAt }: ContainerTruth): boolean {
  return startedAt > HOUR || endedAt < HOUR + HOUR_MS;
}

/** Ends of the run within the hour: an agent tells none of them. */
function unknownEnds({ startedAt, endedAt }: ContainerTruth): number {
  return Number(startedAt > HOUR) + Number(endedAt < HOUR + HOUR_MS);
}

function* instants(): Generator<number> {
  for (let at = HOUR - 10 * MINUTE_MS; at <= HOUR + HOUR_MS; at += STEP_MS) yield at;
}

const wire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

function collectorHour(fleet: Fleet): ParsedPost[] {
  return [...instants()].flatMap((at) =>
    [...collectorPosts(fleet, { cluster: 'small', at })].map((body) =>
      parseCollectorPost(wire(body), { now: at + 9 * SECOND_MS, limits: SOURCE_LIMITS }),
    ),
  );
}

function agentHour(fleet: Fleet): ParsedPost[] {
  return [...instants()].map((at) =>
    parseAgentPost(wire(agentPost(fleet, { cluster: 'small', at })), {
      now: at + 9 * SECOND_MS,
      limits: SOURCE_LIMITS,
    }),
  );
}

async function deliver(target: { tenant: string; cluster: string }, posts: readonly ParsedPost[]): Promise<void> {
  expect(posts.filter(({ rejectedCount }) => rejectedCount > 0)).toEqual([]);
  const [first] = posts;
  if (!first) throw new Error('nothing to deliver');
  await lab.put(target, {
    source: first.batch.source,
    containers: posts.flatMap(({ batch }) => batch.containers),
    nodes: posts.flatMap(({ batch }) => batch.nodes),
  });
  await lab.roll();
}

interface Costs {
  cpu: Money;
  ram: Money;
}

async function costsOf(posts: readonly ParsedPost[]): Promise<Map<string, Costs>> {
  const tenant = await lab.tenant();
  await deliver({ tenant, cluster: await lab.cluster(tenant, 'small') }, posts);
  const scope = { tenant, start: HOUR, end: HOUR + HOUR_MS };
  const { costs } = await lab.costs.namespaces(scope, { limit: 100, offset: 0 });
  return new Map(
    costs.map(({ namespace, cost }) => [namespace, { cpu: parseMoney(cost.cpu), ram: parseMoney(cost.ram) }]),
  );
}

async function runsOf(tenant: string): Promise<Map<string, number>> {
  const sql = `SELECT concat(namespace, '/', pod, '/', container, '/', node) AS name, toFloat64(run_ms) AS run_ms
    FROM container_hours FINAL WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn`;
  const rows = await lab.columnar.rows<{ name: string; run_ms: number }>({
    sql,
    params: { tenant, hour_s: HOUR / 1_000 },
  });
  return new Map(rows.map(({ name, run_ms }) => [name, run_ms]));
}

function truthOfHour(fleet: Fleet): ClusterTruth {
  const [truth] = truthOf(fleet, HOUR).clusters;
  if (!truth) throw new Error('a fleet without clusters');
  return truth;
}

function truthByNamespace(fleet: Fleet): Map<string, Costs> {
  const byNamespace = Map.groupBy(truthOfHour(fleet).containers, ({ namespace }) => namespace);
  const sum = (rows: readonly ContainerTruth[], resource: 'cpu' | 'ram') =>
    rows.map(({ cost }) => cost[resource]).reduce(addMoney, ZERO);
  return new Map([...byNamespace].map(([name, rows]) => [name, { cpu: sum(rows, 'cpu'), ram: sum(rows, 'ram') }]));
}
