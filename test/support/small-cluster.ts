import type { SampleBatch } from '../../src/core/samples.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { containerSample, nodeSample } from './samples.ts';

const GIB = 2 ** 30;

/**
 * A cluster that a person can work out, over whole hours from `start` (milliseconds): an AWS node of 4 cores and 16 GiB at 0.40 an
 * hour, of which a web pod holds 1 core and 4 GiB and uses half of both, and a DNS pod a quarter of a core; a spot node of another
 * pool at 0.10, with nothing on it; a disk of 100 GiB that web mounts, one of 10 GiB that nobody does; a load balancer at 0.025.
 */
export function smallCluster(start: number, hours = 1): SampleBatch {
  const ats = Array.from({ length: hours * 6 }, (_, beat) => start + beat * 10 * MINUTE_MS);
  return {
    source: 'agent',
    containers: ats.flatMap((at) => [
      containerSample({
        at,
        node: 'n1',
        namespace: 'shop',
        pod: 'web',
        podUid: 'u-web',
        container: 'app',
        cpuRequest: 1e9,
        cpuUsage: 5e8,
        memoryRequest: 4 * GIB,
        memoryUsage: 2 * GIB,
        startedAt: start,
      }),
      containerSample({
        at,
        node: 'n1',
        namespace: 'kube-system',
        pod: 'dns',
        podUid: 'u-dns',
        container: 'dns',
        cpuRequest: 0,
        cpuUsage: 25e7,
        memoryRequest: 0,
        memoryUsage: GIB,
        startedAt: start,
      }),
    ]),
    nodes: ats.flatMap((at) => [
      nodeSample({
        at,
        node: 'n1',
        providerId: 'aws:///eu-west-1a/i-0123',
        instanceType: 'm5.xlarge',
        region: 'eu-west-1',
        zone: 'eu-west-1a',
        cpuCapacity: 4e9,
        memoryCapacity: 16 * GIB,
        hourlyCost: '0.4',
        labels: { 'eks.amazonaws.com/nodegroup': 'main', team: 'platform', 'kubernetes.io/arch': 'amd64' },
      }),
      nodeSample({
        at,
        node: 'n2',
        providerId: 'aws:///eu-west-1b/i-0456',
        instanceType: 'm5.large',
        region: 'eu-west-1',
        zone: 'eu-west-1b',
        spot: true,
        cpuCapacity: 2e9,
        memoryCapacity: 8 * GIB,
        hourlyCost: '0.1',
        labels: { 'eks.amazonaws.com/nodegroup': 'spot', 'kubernetes.io/arch': 'arm64' },
      }),
    ]),
    volumes: ats.flatMap((at) => [
      volume(at, { claim: 'data', volume: 'pv-1', bytes: 100 * GIB, pods: ['web'] }),
      volume(at, { claim: 'spare', volume: 'pv-2', bytes: 10 * GIB, pods: [] }),
    ]),
    balancers: ats.map((at) => ({
      at,
      namespace: 'shop',
      service: 'front',
      ingress: '203.0.113.7',
      hourlyCost: '0.025',
    })),
  };
}

interface SeenVolume {
  readonly claim: string;
  readonly volume: string;
  readonly bytes: number;
  readonly pods: readonly string[];
}

function volume(at: number, { bytes, ...names }: SeenVolume) {
  const more = { namespace: 'shop', storageClass: 'gp3', providerId: `vol-${names.claim}`, labels: {} };
  return { at, ...more, ...names, capacity: bytes, request: null, usage: null };
}

/** The hour that `smallCluster` starts with in tests that need none in particular. */
export const SMALL_START = Date.parse('2026-01-01T00:00:00Z');
