import { NativeSelect } from '@mantine/core';
import { ChevronIcon } from '../components/icons.tsx';
import type { TimeWindow } from '../lib/time-window.ts';
import { readCostSearch } from './search-params.ts';
import { useCostSearch } from './use-cost-search.ts';
import { useClusterCosts } from './use-costs.ts';

const ALL = '';

export function ClusterSelect({ window }: { window: TimeWindow }) {
  const { search, push } = useCostSearch();
  const clusters = useClusterCosts(window);
  // The chosen cluster stays on the list even where it reported nothing: or the page would show one and name another.
  const names = new Set(clusters.data?.costs.map((cluster) => cluster.cluster_name));
  if (search.cluster !== undefined) names.add(search.cluster);
  return (
    <NativeSelect
      aria-label="Cluster"
      size="sm"
      rightSection={<ChevronIcon />}
      value={search.cluster ?? ALL}
      onChange={(event) => push(readCostSearch({ ...search, cluster: event.currentTarget.value }))}
      data={[{ value: ALL, label: 'All clusters' }, ...[...names].sort()]}
      styles={{
        input: {
          height: 34,
          minHeight: 34,
          fontSize: 13,
          background: 'var(--surface-panel)',
          borderColor: 'var(--line-strong)',
        },
      }}
    />
  );
}
