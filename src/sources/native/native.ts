import { z } from 'zod';
import { listSchema, nameSchema, parseEnvelope } from '../envelope.ts';
import { Rejections, readEach } from '../rows.ts';
import { checkRowCount, type ParsedPost, type SourceContext } from '../source.ts';
import { readBalancer, readContainer, readNamespaceRow, readNode, readService, readVolume } from './rows.ts';

const SamplesEnvelope = z.object({
  source: z.enum(['kubernetes', 'collector']),
  cluster_name: nameSchema.nullish(),
  containers: listSchema.nullish(),
  nodes: listSchema.nullish(),
  volumes: listSchema.nullish(),
  balancers: listSchema.nullish(),
  namespaces: listSchema.nullish(),
  services: listSchema.nullish(),
});

/**
 * Samples in our own words, of any instants of one cluster: `encodeSamples` writes what this reads.
 *
 * Each row has an instant of its own and is checked alone, its instant too. Throws `invalid_payload`, `limit_exceeded`.
 */
export function parseSamplesPost(body: unknown, context: SourceContext): ParsedPost {
  const post = parseEnvelope(SamplesEnvelope, body);
  const { source, containers, nodes, volumes, balancers, namespaces, services } = post;
  const lists = [containers, nodes, volumes, balancers, namespaces, services];
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  checkRowCount(count, context);
  const { now, limits } = context;
  const bounds = { earliest: now - limits.ageMs, latest: now + limits.futureMs };

  const rejections = new Rejections();
  const listOf = (path: string, rows: readonly unknown[] | null | undefined) => ({
    path,
    rows: rows ?? [],
    rejections,
  });
  const batch = {
    source,
    containers: readEach(listOf('containers', containers), (row, faults) => [readContainer(row, bounds, faults)]),
    nodes: readEach(listOf('nodes', nodes), (row, faults) => [readNode(row, bounds, faults)]),
    volumes: readEach(listOf('volumes', volumes), (row, faults) => [readVolume(row, bounds, faults)]),
    balancers: readEach(listOf('balancers', balancers), (row, faults) => [readBalancer(row, bounds, faults)]),
    namespaces: readEach(listOf('namespaces', namespaces), (row, faults) => [readNamespaceRow(row, bounds, faults)]),
    services: readEach(listOf('services', services), (row, faults) => [readService(row, bounds, faults)]),
  };
  return {
    clusterName: post.cluster_name || null,
    batch,
    acceptedCount: count - rejections.count,
    rejectedCount: rejections.count,
    rejected: rejections.shown,
    warnings: [],
  };
}
