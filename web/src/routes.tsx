import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { CostsPage } from './costs/costs-page.tsx';
import { readCostSearch } from './costs/search-params.ts';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const costsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: readCostSearch,
  component: CostsPage,
});

const routeTree = rootRoute.addChildren([costsRoute]);

/** All pages. A new one is a route here and a link in shell/navigation.tsx. */
export function createAppRouter() {
  return createRouter({ routeTree });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
