import type { ContainerSample, SampleBatch } from '../../src/core/samples.ts';
import { createLogger } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { createKubernetesApi } from '../../src/sources/kubernetes/api.ts';
import { type KubernetesWatch, watchKubernetes } from '../../src/sources/kubernetes/kubernetes.ts';
import { createWatchMetrics } from '../../src/sources/kubernetes/observer.ts';
import type { SampleSink } from '../../src/sources/kubernetes/outbox.ts';
import { type KubernetesApiDouble, startKubernetesApi } from './kubernetes-api.ts';
import { waitFor } from './wait-for.ts';

/** A watch on an API double, with a clock that stands until it is moved, and all that the watch said. */
export interface KubernetesLab {
  readonly api: KubernetesApiDouble;
  readonly watch: KubernetesWatch;
  readonly clock: { now(): number; set(at: number): void };
  readonly batches: readonly SampleBatch[];
  /** Lines of the log, as JSON text. */
  readonly log: readonly string[];
  metrics(): Promise<string>;
  /** Samples of a pod in the order of their instants, each once, as the store would hold them. */
  samplesOf(podUid: string): ContainerSample[];
  /** Resolves when all kinds are watched. */
  watching(): Promise<void>;
  close(): Promise<void>;
}

interface LabOptions {
  readonly sink?: SampleSink;
  /** Before the first request. */
  readonly prepare?: (api: KubernetesApiDouble) => void;
}

const KINDS = 8;

export async function openKubernetesLab(at: number, { sink, prepare }: LabOptions = {}): Promise<KubernetesLab> {
  const api = await startKubernetesApi();
  prepare?.(api);
  const lines: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics();
  let now = at;
  const clock = { now: () => now, set: (next: number) => void (now = next) };
  const batches: SampleBatch[] = [];
  const watch = watchKubernetes({
    api: createKubernetesApi({ credentials: { kubeconfig: api.kubeconfig }, debug: log }),
    async sink(batch, signal) {
      await sink?.(batch, signal);
      batches.push(batch);
    },
    clock,
    log,
    observe: createWatchMetrics(metrics),
    pace: { backoffMs: 5, backoffMsMax: 20, lookMs: 5 },
    limits: { gatherMs: 2, retryMs: 2, retryMsMax: 10 },
  });
  const stopping = new AbortController();
  const ended = watch.run(stopping.signal);
  return {
    api,
    watch,
    clock,
    batches,
    log: lines,
    metrics: () => metrics.text(),
    samplesOf: (podUid) => storedSamples(batches, podUid),
    async watching() {
      await waitFor(() => api.watching() === KINDS, { what: 'all watches' });
    },
    async close() {
      stopping.abort();
      await ended;
      await api.close();
    },
  };
}

function storedSamples(batches: readonly SampleBatch[], podUid: string): ContainerSample[] {
  const stored = new Map<string, ContainerSample>();
  for (const { containers } of batches) {
    for (const sample of containers) {
      if (sample.podUid === podUid) stored.set(`${sample.container}/${sample.at}`, sample);
    }
  }
  return [...stored.values()].toSorted((a, b) => a.at - b.at);
}

/**
 * Milliseconds that the samples of one container stand for, by the rollup's rule: each holds until the next, a known end
 * cuts, and the last one stands for one interval.
 */
export function chargedMs(samples: readonly ContainerSample[], intervalMs = 300_000): number {
  return samples.reduce((sum, { at, phase, endedAt }, index) => {
    if (phase !== 'Running' && endedAt === null) return sum;
    const next = samples[index + 1]?.at ?? at + intervalMs;
    const ends = samples.flatMap((sample) => (sample.endedAt !== null && sample.endedAt >= at ? [sample.endedAt] : []));
    return sum + Math.max(0, Math.min(next, endedAt ?? Math.min(...ends, next)) - at);
  }, 0);
}
