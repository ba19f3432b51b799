import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type CostScope, fetchClusterCosts, fetchNamespaceCosts, fetchTrends } from '../api/costs.ts';
import { intervalFor, type TimeWindow } from '../lib/time-window.ts';
import { useApi } from '../session/use-session.ts';

/** While another window loads, the last answer stays, dimmed: a page that jumps cannot be compared. */
export function useNamespaceCosts(scope: CostScope) {
  const api = useApi();
  return useQuery({
    queryKey: ['namespaces', scope],
    queryFn: ({ signal }) => fetchNamespaceCosts(api, scope, signal),
    placeholderData: keepPreviousData,
  });
}

export function useClusterCosts(window: TimeWindow) {
  const api = useApi();
  return useQuery({
    queryKey: ['clusters', window],
    queryFn: ({ signal }) => fetchClusterCosts(api, window, signal),
    placeholderData: keepPreviousData,
  });
}

/** Not kept from the window before: its steps would be drawn on the wrong axis. */
export function useTrends(scope: CostScope) {
  const api = useApi();
  const interval = intervalFor(scope.window);
  return useQuery({
    queryKey: ['trends', scope, interval],
    queryFn: ({ signal }) => fetchTrends(api, { scope, interval }, signal),
  });
}
