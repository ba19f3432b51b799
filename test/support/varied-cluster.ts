import type { SampleBatch } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { smallCluster } from './small-cluster.ts';

const GIB = 2 ** 30;

/**
 * An hour of `smallCluster` of which much is otherwise from one hour to the next: labels and annotations, who mounts which disk and
 * what is known of it, which nodes there are and how they are bought, what is sent where, for how much of the hour any of it was there.
 */
export function variedHour(start: number): SampleBatch {
  const turn = start / HOUR_MS;
  const whole = smallCluster(start);
  const isThere = ({ at }: { at: number }) => turn % 4 !== 1 || at >= start + 30 * MINUTE_MS;
  const labels: Record<string, string> =
    turn % 3 === 0 ? { app: 'web', tier: 'front' } : { app: 'web', release: `r${turn % 2}` };
  return {
    source: 'kubernetes',
    containers: whole.containers.filter(isThere).map((sample, index) => ({
      ...sample,
      ...(sample.pod === 'web'
        ? {
            controllerKind: 'Deployment',
            controller: 'web',
            labels,
            annotations: turn % 5 === 0 ? { owner: 'ann' } : {},
          }
        : { node: turn % 2 === 0 ? 'n1' : 'n2' }),
      networkSent: index * GIB,
      networkInternetSent: (index * GIB) / 4,
    })),
    nodes: whole.nodes
      .filter((sample) => isThere(sample) && (sample.node === 'n1' || turn % 6 !== 5))
      .map((sample) => ({
        ...sample,
        spot: turn % 3 === 1,
        hourlyCost: turn % 4 === 2 ? null : sample.hourlyCost,
        providerId: turn % 5 === 3 ? '' : sample.providerId,
        labels: turn % 7 === 6 ? {} : sample.labels,
      })),
    volumes: (whole.volumes ?? []).filter(isThere).map((sample) => ({
      ...sample,
      pods: sample.claim === 'data' ? ([['web'], ['dns', 'web'], []][turn % 3] ?? []) : [],
      providerId: turn % 4 === 0 ? '' : sample.providerId,
      storageClass: turn % 5 === 4 ? 'slow' : sample.storageClass,
    })),
    balancers: (whole.balancers ?? []).filter((sample) => isThere(sample) && turn % 6 !== 4),
  };
}
