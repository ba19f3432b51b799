import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CostScope } from '../api/costs.ts';
import { Panel } from '../components/panel.tsx';
import { intervalFor } from '../lib/time-window.ts';
import { LoadError } from './load-error.tsx';
import { stepsOf } from './steps.ts';
import { TrendChart } from './trend-chart.tsx';
import styles from './trend-panel.module.css';
import { TrendLegend, TrendReadout } from './trend-readout.tsx';
import { TrendTable } from './trend-table.tsx';
import { useTrends } from './use-costs.ts';

/** The course of the cost over the window; what nobody reported is hatched and never drawn as zero. */
export function TrendPanel({ scope }: { scope: CostScope }) {
  const interval = intervalFor(scope.window);
  const trends = useTrends(scope);
  const scheme = useComputedColorScheme('light');
  const [hovered, setHovered] = useState<number | null>(null);
  const { start, end } = scope.window;
  const steps = useMemo(
    () => (trends.data === undefined ? undefined : stepsOf(trends.data, { start, end }, interval)),
    [trends.data, start, end, interval],
  );
  const step = hovered === null ? undefined : steps?.[hovered];
  return (
    <Panel title={interval === 'hourly' ? 'Cost per hour' : 'Cost per day'} aside="including idle">
      {steps === undefined ? (
        <TrendPlaceholder error={trends.error} retry={() => void trends.refetch()} />
      ) : (
        <>
          <div className={styles.readout}>
            {step === undefined ? <TrendLegend steps={steps} /> : <TrendReadout step={step} />}
          </div>
          <TrendChart key={scheme} steps={steps} onHover={setHovered} />
          <TrendTable steps={steps} />
        </>
      )}
    </Panel>
  );
}

function TrendPlaceholder({ error, retry }: { error: Error | null; retry: () => void }) {
  return error === null ? (
    <Skeleton height={250} aria-label="Loading the trend" role="status" />
  ) : (
    <LoadError error={error} retry={retry} />
  );
}
