import { ROUTES } from '../../contracts/routes.ts';
import { openApi, selfMetrics } from '../../contracts/self.ts';
import type { ServerDeps } from '../dependencies.ts';
import { createOpenApi } from '../openapi.ts';
import type { AddRoute } from '../route.ts';

export function addSelfRoutes(add: AddRoute, { metrics, version }: Pick<ServerDeps, 'metrics' | 'version'>): void {
  add(selfMetrics, ({ reply }) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });

  const description = createOpenApi(ROUTES, version);
  add(openApi, () => description);
}
