import { ROUTES } from '../../contracts/routes.ts';
import { openApi, selfMetrics } from '../../contracts/self.ts';
import type { ServerDeps } from '../dependencies.ts';
import { createOpenApi } from '../openapi.ts';
import { scrapeCluster } from '../opencost/scrape-cluster.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

type Deps = Pick<ServerDeps, 'metrics' | 'version' | 'clusters' | 'clusterMetrics'>;

export function addSelfRoutes(add: AddRoute, deps: Deps): void {
  const { metrics, version } = deps;
  add(selfMetrics, ({ query, request, reply, signal }) => {
    if (query.cluster !== undefined) {
      return scrapeCluster(deps, { cluster: query.cluster, principal: principalOf(request), signal });
    }
    reply.type(metrics.contentType);
    return metrics.text();
  });

  const description = createOpenApi(ROUTES, version);
  add(openApi, () => description);
}
