import { z } from 'zod';
import type { ContainerSample, NodeSample } from '../../core/samples.ts';
import { SECOND_MS } from '../../lib/clock.ts';
import { isSecondsSinceEpoch, listSchema, nameSchema, parseEnvelope } from '../envelope.ts';
import { Rejections, readEach } from '../rows.ts';
import { checkRowCount, checkTimestamp, type ParsedPost, type SourceContext } from '../source.ts';
import { readNode, unknownNode } from './node.ts';
import { isTotal, readPod } from './pod.ts';

const AgentPost = z.object({
  cluster_name: nameSchema.nullish(),
  timestamp: z
    .custom<number | string>(isSecondsSinceEpoch, 'must be seconds since the epoch: a number, not negative')
    .nullish(),
  pod_metrics: listSchema.nullish(),
  node_metrics: listSchema.nullish(),
});

/**
 * The cluster agent's post: all pods and nodes of one cluster at one instant.
 *
 * A pod that lists its containers is counted by them alone, and namespace totals (`namespace_costs`, pods named
 * `__aggregate__`) not at all: they are sums of the very pods beside them.
 *
 * Throws `invalid_payload`, `timestamp_out_of_range`, `limit_exceeded`.
 */
export function parseAgentPost(body: unknown, context: SourceContext): ParsedPost {
  const post = parseEnvelope(AgentPost, body);
  const seconds = Number(post.timestamp ?? 0);
  const at = seconds === 0 ? context.now : Math.round(seconds * SECOND_MS);
  checkTimestamp(at, context);
  const pods = post.pod_metrics ?? [];
  const nodes = post.node_metrics ?? [];
  checkRowCount(pods.length + nodes.length, context);

  const rejections = new Rejections();
  const described = readEach({ path: 'node_metrics', rows: nodes, rejections }, (row, faults) => [
    readNode(row, at, faults),
  ]);
  let totals = 0;
  const containers = readEach({ path: 'pod_metrics', rows: pods, rejections }, (row, faults) => {
    if (!isTotal(row)) return readPod(row, at, faults);
    totals += 1;
    return [];
  });
  return {
    clusterName: post.cluster_name || null,
    batch: { source: 'agent', containers, nodes: withNodesOfPods(described, containers, at) },
    acceptedCount: pods.length + nodes.length - rejections.count,
    rejectedCount: rejections.count,
    rejected: rejections.shown,
    warnings: totals > 0 ? [`${totals} namespace totals were not counted; their pods are`] : [],
  };
}

/** Every node that is spoken of yields a sample, if only by its name: coverage is learnt from these. */
function withNodesOfPods(
  described: readonly NodeSample[],
  containers: readonly ContainerSample[],
  at: number,
): NodeSample[] {
  const names = new Set(described.map(({ node }) => node));
  const nodes = [...described];
  for (const { node } of containers) {
    if (node === '' || names.has(node)) continue;
    names.add(node);
    nodes.push(unknownNode(node, at));
  }
  return nodes;
}
