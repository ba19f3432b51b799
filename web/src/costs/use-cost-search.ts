import { getRouteApi } from '@tanstack/react-router';
import type { CostSearch } from './search-params.ts';

const route = getRouteApi('/');

interface CostSearchState {
  readonly search: CostSearch;
  /** A new view, to which "back" returns. */
  readonly push: (next: CostSearch) => void;
  /** The same view, refined (typing in the search field): no history entry. */
  readonly refine: (next: CostSearch) => void;
}

/** What the address bar says the page shows, and how to change it. */
export function useCostSearch(): CostSearchState {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return {
    search,
    push: (next) => void navigate({ search: next, resetScroll: false }),
    refine: (next) => void navigate({ search: next, replace: true, resetScroll: false }),
  };
}
