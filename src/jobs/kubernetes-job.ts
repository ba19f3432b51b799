import type { SampleBatch } from '../core/samples.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { KubernetesApi } from '../sources/kubernetes/api.ts';
import { type KubernetesWatch, type KubernetesWatchState, watchKubernetes } from '../sources/kubernetes/kubernetes.ts';
import type { WatchObserver } from '../sources/kubernetes/observer.ts';
import type { ClusterDirectory } from '../store/relational/cluster-directory.ts';
import type { SourceLog } from '../store/relational/source-log.ts';
import type { Tenants } from '../store/relational/tenants.ts';
import type { LeasedJob } from './leased-loop.ts';

/**
 * Watches one cluster for as long as the lease is held. Whoever takes over lists all of it anew, and tells the last hours
 * once more: samples that are there already collapse.
 */
export interface KubernetesJob extends LeasedJob {
  /** `null` where another replica watches. */
  state(): KubernetesWatchState | null;
}

export interface KubernetesJobDeps {
  readonly api: KubernetesApi;
  readonly intake: WatchIntake;
  readonly tenants: Pick<Tenants, 'getByName'>;
  readonly clusters: ClusterDirectory;
  readonly sourceLog: Pick<SourceLog, 'note'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe: WatchObserver;
}

/** What a watch needs of the intake: resolves when the batch is durable. */
export interface WatchIntake {
  accept(target: { tenant: string; cluster: string }, batch: SampleBatch, signal?: AbortSignal): Promise<void>;
}

export interface WatchedCluster {
  /** By name. */
  readonly tenant: string;
  /** Its name where its nodes do not tell. */
  readonly clusterDefault: string;
}

const NAME = 'kubernetes';

export function createKubernetesJob(watched: WatchedCluster, deps: KubernetesJobDeps): KubernetesJob {
  let current: KubernetesWatch | null = null;
  return {
    name: NAME,
    state: () => current?.state() ?? null,
    async run(_lease, signal) {
      const tenant = await deps.tenants.getByName(watched.tenant);
      if (!tenant) throw new AppError('not_found', `cannot watch Kubernetes: there is no tenant "${watched.tenant}"`);
      const watch = createWatch({ tenant: tenant.id, clusterDefault: watched.clusterDefault }, deps);
      current = watch;
      try {
        await watch.run(signal);
      } finally {
        current = null;
      }
      return 0;
    },
  };
}

function createWatch(
  { tenant, clusterDefault }: { tenant: string; clusterDefault: string },
  deps: KubernetesJobDeps,
): KubernetesWatch {
  const { intake, clusters, sourceLog, log } = deps;
  // Once for each watch: nodes that are annotated one by one must not cut a cluster in two.
  let name: string | undefined;
  const watch = watchKubernetes({
    ...deps,
    async sink(batch, signal) {
      if (name === undefined) {
        name = watch.cluster().name ?? clusterDefault;
        log.info({ cluster: name, uid: watch.cluster().uid }, 'watching a Kubernetes cluster');
      }
      const { id } = await clusters.resolve(tenant, name);
      const target = { tenant, cluster: id };
      await intake.accept(target, batch, signal);
      sourceLog.note(target, batch.source, { taken: rowsOf(batch), refused: {}, newestAt: newestOf(batch) });
    },
  });
  return watch;
}

function rowsOf({ containers, nodes, volumes, balancers, namespaces, services }: SampleBatch): number {
  const lists = [containers, nodes, volumes, balancers, namespaces, services];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

function newestOf({ containers, nodes }: SampleBatch): number | null {
  const newest = [...containers, ...nodes].reduce((latest, { at }) => Math.max(latest, at), 0);
  return newest === 0 ? null : newest;
}
