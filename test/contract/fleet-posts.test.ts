import { describe, expect, test } from 'vitest';
import type { ContainerSample } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { agentPost } from '../../src/sim/agent-post.ts';
import { collectorPosts } from '../../src/sim/collector-post.ts';
import { createFleet, podsOn } from '../../src/sim/fleet.ts';
import { usageAt } from '../../src/sim/usage.ts';
import { parseAgentPost } from '../../src/sources/agent/agent.ts';
import { parseCollectorPost } from '../../src/sources/collector/collector.ts';
import { type ParsedPost, SOURCE_LIMITS } from '../../src/sources/source.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const fleet = createFleet({ preset: 'demo', seed: 1, start: MONDAY });
const at = MONDAY + 10 * HOUR_MS + 15 * MINUTE_MS + 31 * SECOND_MS;
const context = { now: at + 10 * SECOND_MS, limits: SOURCE_LIMITS };

const overTheWire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

/** What the fleet knows of the containers that run at an instant, as a line each. */
function known(cluster: string, instant: (node: string) => number): string[] {
  const { slots } = fleet.clusters.find(({ name }) => name === cluster) ?? { slots: [] };
  return slots.flatMap((slot) =>
    [...podsOn(slot, at - HOUR_MS, at + HOUR_MS)].flatMap((run) => {
      const now = instant(run.node.name);
      if (now < run.start || now >= run.end) return [];
      const { kind, name, namespace } = run.placement.workload;
      return run.containers.map(({ plan, track }) => {
        const { cpu, memory } = usageAt(plan.usage, track, now);
        return line([
          run.node.name,
          namespace,
          run.name,
          plan.name,
          kind,
          name,
          cpu,
          memory,
          plan.cpuRequest,
          plan.memoryLimit,
        ]);
      });
    }),
  );
}

const line = (facts: (string | number | null)[]) => facts.map((fact) => fact ?? 0).join(' ');

function read(samples: readonly ContainerSample[]): string[] {
  const running = samples.filter(({ phase }) => phase === 'Running');
  return running.map(({ node, namespace, pod, container, controllerKind, controller, ...sample }) =>
    line([
      node,
      namespace,
      pod,
      container,
      controllerKind,
      controller,
      sample.cpuUsage,
      sample.memoryUsage,
      sample.cpuRequest,
      sample.memoryLimit,
    ]),
  );
}

const nodeFacts = ({ batch }: ParsedPost) =>
  batch.nodes.map(({ node, instanceType, cpuCapacity, memoryCapacity, hourlyCost }) =>
    line([node, instanceType, cpuCapacity, memoryCapacity, hourlyCost]),
  );

describe.each(['production', 'staging'])('what the fleet posts is read back as what it is: %s', (cluster) => {
  test('from an agent', () => {
    const parsed = parseAgentPost(overTheWire(agentPost(fleet, { cluster, at })), context);
    expect(parsed).toMatchObject({ clusterName: cluster, rejectedCount: 0 });
    expect(read(parsed.batch.containers).toSorted()).toEqual(known(cluster, () => at).toSorted());
  });

  test('from an agent that spells node fields its own way', () => {
    const [usual, pascal] = [false, true].map((pascalCaseNodes) =>
      parseAgentPost(overTheWire(agentPost(fleet, { cluster, at, pascalCaseNodes })), context),
    );
    expect(pascal).toEqual(usual);
  });

  test('from its collectors, with what only they know', () => {
    const parsed = [...collectorPosts(fleet, { cluster, at })].map((post) =>
      parseCollectorPost(overTheWire(post), context),
    );
    const instants = new Map(parsed.flatMap(({ batch }) => batch.nodes.map((node) => [node.node, node.at])));
    const samples = parsed.flatMap(({ batch }) => batch.containers);
    expect(parsed.every((post) => post.clusterName === cluster && post.rejectedCount === 0)).toBe(true);
    expect(read(samples).toSorted()).toEqual(known(cluster, (node) => instants.get(node) ?? Number.NaN).toSorted());
    expect(samples.every(({ podUid, startedAt }) => podUid !== '' && startedAt !== null)).toBe(true);
    expect(
      samples
        .filter(({ phase }) => phase === 'Succeeded')
        .every(({ endedAt, cpuUsage }) => endedAt !== null && cpuUsage === null),
    ).toBe(true);
    const agent = parseAgentPost(overTheWire(agentPost(fleet, { cluster, at })), context);
    expect(parsed.flatMap(nodeFacts).toSorted()).toEqual(nodeFacts(agent).toSorted());
  });
});
