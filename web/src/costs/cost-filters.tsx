import type { TimeWindow } from '../lib/time-window.ts';
import { ClusterSelect } from './cluster-select.tsx';
import styles from './cost-filters.module.css';
import { CustomWindow } from './custom-window.tsx';
import { windowOf, withWindow } from './search-params.ts';
import { useCostSearch } from './use-cost-search.ts';
import { WindowPresets } from './window-presets.tsx';

/** Which clusters, and when. Both live in the address bar. */
export function CostFilters({ window, hour }: { window: TimeWindow; hour: number }) {
  const { search, push } = useCostSearch();
  const choice = windowOf(search);
  return (
    <div className={styles.filters}>
      <ClusterSelect window={window} />
      <WindowPresets
        value={'preset' in choice ? choice.preset : null}
        onChange={(preset) => push(withWindow(search, { preset }))}
      />
      <CustomWindow
        key={`${window.start}-${window.end}`}
        window={window}
        hour={hour}
        active={!('preset' in choice)}
        onChange={(range) => push(withWindow(search, range))}
      />
    </div>
  );
}
