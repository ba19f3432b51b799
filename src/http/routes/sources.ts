import { listSources } from '../../contracts/sources.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { windowOf } from './costs.ts';

const DAYS_DEFAULT = 7;

export function addSourceRoutes(add: AddRoute, { sources, clock }: Pick<ServerDeps, 'sources' | 'clock'>): void {
  add(listSources, ({ query, request, signal }) => {
    const { tenantId, clusterId } = principalOf(request);
    const window = windowOf(query, DAYS_DEFAULT, clock);
    return sources.sources({ tenant: tenantId, onlyCluster: clusterId, ...window, cluster: query.cluster }, signal);
  });
}
