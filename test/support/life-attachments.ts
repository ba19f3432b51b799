import type { SampleBatch } from '../../src/core/samples.ts';
import type { ClusterLife, Sight } from './cluster-life.ts';

const GIB = 2 ** 30;

/** What a watch would tell beside a life of what its cluster pays for besides nodes: disks that pods share, one that nobody mounts, a balancer. */
export function attachmentsOf({ sights }: ClusterLife): SampleBatch {
  return {
    source: 'kubernetes',
    containers: [],
    nodes: [],
    volumes: sights.flatMap((sight) => [
      volume(sight, { namespace: 'shop', claim: 'files', gibibytes: 100 }),
      volume(sight, { namespace: 'data', claim: 'tables', gibibytes: 7 }),
      volume(sight, { namespace: 'attic', claim: 'spare', gibibytes: 33 }),
    ]),
    balancers: sights.map(({ at }) => ({
      at,
      namespace: 'shop',
      service: 'front',
      ingress: '203.0.113.7',
      hourlyCost: at % 3 === 0 ? '0.031' : null,
    })),
  };
}

interface Claim {
  readonly namespace: string;
  readonly claim: string;
  readonly gibibytes: number;
}

/** Mounted by every pod of its namespace that is there. */
function volume({ at, pods }: Sight, { namespace, claim, gibibytes }: Claim) {
  const mounting = pods.filter((pod) => pod.namespace === namespace).map(({ name }) => name);
  const names = { namespace, claim, volume: `pv-${claim}`, storageClass: 'ssd', providerId: `vol-${claim}` };
  const size = { capacity: gibibytes * GIB, request: null, usage: null };
  return { at, ...names, ...size, pods: mounting.toSorted(), labels: {} };
}
