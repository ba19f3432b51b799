import type { Metrics } from '../lib/metrics.ts';
import { createKubernetesApi } from '../sources/kubernetes/api.ts';
import { watchKubernetes } from '../sources/kubernetes/kubernetes.ts';
import { createWatchMetrics } from '../sources/kubernetes/observer.ts';
import { encodeSamples } from '../sources/native/encode.ts';
import type { AgentOptions } from './agent-options.ts';
import { pack, recordOf } from './parcel.ts';
import type { Surroundings } from './service.ts';
import type { Spool } from './spool.ts';
import type { Telemetry } from './telemetry.ts';

/** The watches of an agent, whose samples go into its spool. */
export interface AgentWatch {
  /** Kinds of objects that are known now. */
  ready(): ReadonlySet<string>;
  /** Rejects where the watches end by themselves: a defect. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export interface AgentWatchOptions extends AgentOptions {
  readonly clusterName: string | null;
  readonly spool: Pick<Spool, 'append'>;
  readonly telemetry: Pick<Telemetry, 'add'>;
  readonly metrics: Metrics;
}

/** Throws `invalid_config` where no Kubernetes API is to be found. */
export async function startAgentWatch(options: AgentWatchOptions, { clock, log }: Surroundings): Promise<AgentWatch> {
  const { settings, debugKubernetesApi, clusterName, spool, telemetry, metrics } = options;
  const watch = watchKubernetes({
    api: createKubernetesApi({
      credentials: { kubeconfig: settings.kubeconfig },
      debug: debugKubernetesApi ? log : undefined,
    }),
    async sink(batch) {
      try {
        const body = await pack(JSON.stringify(encodeSamples({ ...batch, source: 'kubernetes' }, clusterName)));
        await spool.append(recordOf({ kind: 'samples', body }));
        telemetry.add('kubetally_agent_watch_batches_total', 1);
      } catch (error) {
        telemetry.add('kubetally_agent_watch_failures_total', 1);
        throw error;
      }
    },
    observe: createWatchMetrics(metrics),
    clock,
    log,
  });
  const stopping = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {}); // whoever waits hears of it
  const running = watch.run(stopping.signal).catch(failed.reject);
  return {
    ready() {
      const { initialized, down } = watch.state();
      const silent = new Set(down.map(({ resource }) => resource));
      return new Set(initialized.filter((kind) => !silent.has(kind)));
    },
    failed: failed.promise,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
