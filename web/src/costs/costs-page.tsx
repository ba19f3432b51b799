import { useDocumentTitle } from '@mantine/hooks';
import { useMemo } from 'react';
import type { CostScope } from '../api/costs.ts';
import { formatWindow, resolveWindow } from '../lib/time-window.ts';
import { useCurrentHour } from '../lib/use-current-hour.ts';
import { CostFilters } from './cost-filters.tsx';
import { CostOverview } from './cost-overview.tsx';
import styles from './costs-page.module.css';
import { CostsSkeleton } from './costs-skeleton.tsx';
import { LoadError } from './load-error.tsx';
import { NamespacePanel } from './namespace-panel.tsx';
import { summarize } from './namespace-rows.ts';
import { NothingReported } from './nothing-reported.tsx';
import { windowOf } from './search-params.ts';
import { TrendPanel } from './trend-panel.tsx';
import { useCostSearch } from './use-cost-search.ts';
import { useNamespaceCosts } from './use-costs.ts';

/** What the clusters of a tenant cost in a window: the sum, its course, and who caused it. */
export function CostsPage() {
  useDocumentTitle('Costs – Kubetally');
  const { search } = useCostSearch();
  const hour = useCurrentHour();
  const choice = windowOf(search);
  const window = resolveWindow(choice, hour);
  return (
    <>
      <div className={styles.head}>
        <div>
          <h1>Costs</h1>
          <p className={styles.window}>{formatWindow(window)}</p>
        </div>
        <CostFilters window={window} hour={hour} />
      </div>
      <CostsContent scope={{ window, cluster: search.cluster }} hour={hour} />
    </>
  );
}

function CostsContent({ scope, hour }: { scope: CostScope; hour: number }) {
  const costs = useNamespaceCosts(scope);
  const summary = useMemo(() => (costs.data === undefined ? undefined : summarize(costs.data)), [costs.data]);
  if (costs.isError && costs.data === undefined) {
    return <LoadError error={costs.error} retry={() => void costs.refetch()} />;
  }
  if (costs.data === undefined || summary === undefined) return <CostsSkeleton />;
  if (costs.data.coverage.hours_covered === 0 && costs.data.costs.length === 0) {
    return <NothingReported scope={scope} hour={hour} />;
  }
  const { coverage, pagination } = costs.data;
  return (
    <div
      className={styles.panels}
      aria-busy={costs.isPlaceholderData}
      data-stale={costs.isPlaceholderData || undefined}
    >
      <CostOverview summary={summary} coverage={coverage} />
      <TrendPanel scope={scope} />
      <NamespacePanel summary={summary} namespacesAll={pagination.total} />
    </div>
  );
}
