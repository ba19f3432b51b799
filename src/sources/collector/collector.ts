import { z } from 'zod';
import { listSchema, nameSchema, parseEnvelope } from '../envelope.ts';
import { parseInstant } from '../instant.ts';
import { Rejections, readEach } from '../rows.ts';
import { checkRowCount, checkTimestamp, type ParsedPost, type SourceContext } from '../source.ts';
import { readNode } from './node.ts';
import { readPod } from './pod.ts';

const CollectorPost = z.looseObject({
  cluster_name: nameSchema.nullish(),
  timestamp: z.string().refine((text) => !Number.isNaN(parseInstant(text)), 'must be an RFC 3339 date-time'),
  node_name: nameSchema.min(1),
  hostname: nameSchema,
  pods: listSchema,
});

/**
 * A node collector's post: the pods of one node at one instant, as the kubelet sees them.
 *
 * Beyond the documented fields it may carry what only a collector with access to the API server knows: the node's
 * capacity and price (`node`), and each pod's owner, labels, requests and containers. Those may also be spelt the way the
 * aggregator's data files spell them (`requests_cpu_millicores`, `node_cpu_capacity_cores`, labels as `key=value`).
 *
 * Throws `invalid_payload`, `timestamp_out_of_range`, `limit_exceeded`.
 */
export function parseCollectorPost(body: unknown, context: SourceContext): ParsedPost {
  const post = parseEnvelope(CollectorPost, body);
  const at = parseInstant(post.timestamp);
  checkTimestamp(at, context);
  checkRowCount(post.pods.length, context);

  const rejections = new Rejections();
  const node = readNode(post, { at, node: post.node_name }, rejections);
  const latest = context.now + context.limits.futureMs;
  const moment = { at, node: post.node_name, latest, nodeLabels: node.labels };
  const containers = readEach({ path: 'pods', rows: post.pods, rejections }, (row, faults) =>
    readPod(row, moment, faults),
  );
  return {
    clusterName: post.cluster_name || null,
    batch: { source: 'collector', containers, nodes: [node] },
    acceptedCount: post.pods.length + 1 - rejections.count,
    rejectedCount: rejections.count,
    rejected: rejections.shown,
    warnings: [],
  };
}
