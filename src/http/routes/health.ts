import type { FastifyReply } from 'fastify';
import { collectorHealth, liveness, readiness, serviceHealth } from '../../contracts/health.ts';
import type { ServerDeps } from '../dependencies.ts';
import type { AddRoute } from '../route.ts';
import { createStoreHealth } from '../store-health.ts';

type Deps = Pick<ServerDeps, 'probes' | 'watches' | 'freshAsOf' | 'clock' | 'settings' | 'version'> & {
  /** True from the moment the server is told to stop. */
  readonly isStopping: () => boolean;
};

const WATCHERS = ['nodes', 'pods', 'pvcs', 'pvs'] as const;

export function addHealthRoutes(
  add: AddRoute,
  { probes, watches, freshAsOf, clock, settings, version, isStopping }: Deps,
): void {
  const storeHealth = createStoreHealth(probes, clock);

  add(liveness, () => ({ status: 'live' }));

  add(readiness, async ({ reply }) => {
    const message = isStopping() ? 'stopping' : missing(await storeHealth());
    if (message === undefined) return { status: 'ready' };
    reply.code(503);
    return { status: 'not_ready', message };
  });

  add(serviceHealth, async ({ reply }) => {
    const { columnar, relational, cache } = await storeHealth();
    const message =
      missing({ columnar, relational }) ?? (cache ? undefined : 'the cache does not answer; it is done without');
    return {
      overall_status: statusOf(reply, columnar && relational),
      postgresql: word(relational),
      timescaledb: word(columnar),
      redis: probes.cache.engine === 'redis' ? word(cache) : 'not_configured',
      ...(message === undefined ? {} : { message }),
      version,
      columnar: { engine: probes.columnar.engine, status: word(columnar) },
      relational: { engine: probes.relational.engine, status: word(relational) },
      cache: { engine: probes.cache.engine, status: word(cache) },
      ledger: { fresh_as_of: isoOrNull(freshAsOf()) },
    };
  });

  add(collectorHealth, async ({ reply }) => {
    const { columnar, relational } = await storeHealth();
    const { initialized, down } = watches?.() ?? { initialized: [], down: [] };
    const isReady = (watcher: (typeof WATCHERS)[number]) => initialized.includes(watcher);
    const areUp = !WATCHERS.some((watcher) => down.some(({ resource }) => resource === watcher));
    return {
      status: statusOf(reply, columnar && relational && areUp && !isStopping()),
      debug_k8s_api: settings.debugKubernetesApi,
      watchers_initialized: {
        nodes: isReady('nodes'),
        pods: isReady('pods'),
        pvcs: isReady('pvcs'),
        pvs: isReady('pvs'),
      },
      all_watchers_ready: WATCHERS.every(isReady),
    };
  });
}

function statusOf(reply: FastifyReply, well: boolean): 'healthy' | 'unhealthy' {
  if (!well) reply.code(503);
  return word(well);
}

function word(well: boolean): 'healthy' | 'unhealthy' {
  return well ? 'healthy' : 'unhealthy';
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function missing({ columnar, relational }: { columnar: boolean; relational: boolean }): string | undefined {
  const silent = [...(columnar ? [] : ['columnar']), ...(relational ? [] : ['relational'])];
  return silent.length === 0 ? undefined : `no answer from the ${silent.join(' and the ')} store`;
}
