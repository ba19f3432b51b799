import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatUsd } from '../lib/money.ts';
import { formatWindow } from '../lib/time-window.ts';
import type { Step } from './steps.ts';
import { trendOptions } from './trend-options.ts';
import styles from './trend-panel.module.css';

interface TrendChartProps {
  steps: readonly Step[];
  /** Index of the step under the pointer, or null when it has left. */
  onHover: (index: number | null) => void;
}

/**
 * The steps as stacked bars. A picture to assistive technology: the table below has the figures. A canvas does not follow
 * the colour scheme by itself: give the scheme as React's key.
 */
export function TrendChart({ steps, onHover }: TrendChartProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null || steps.length === 0) return undefined;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const options = trendOptions({ element, steps, onHover, hoverClass: styles.hover ?? '' });
    const chart = new uPlot({ ...options, ...size() }, dataOf(steps), element);
    const observer = new ResizeObserver(() => chart.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      onHover(null);
    };
  }, [steps, onHover]);
  return <div ref={host} className={styles.chart} role="img" aria-label={describe(steps)} />;
}

/** Middles of the steps, so that the nearest one to the pointer is the one it is in; drawing is ours. */
function dataOf(steps: readonly Step[]): uPlot.AlignedData {
  return [
    steps.map((step) => (step.start + step.end) / 2_000),
    steps.map((step) => (step.cost === null ? null : Number(step.cost.total) / 1e12)),
  ];
}

function describe(steps: readonly Step[]): string {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return 'No steps';
  const costs = steps.flatMap((step) => (step.cost === null ? [] : [step.cost.total]));
  const gaps = steps.length - costs.length;
  const range = costs.reduce(
    (span, cost) => ({ low: cost < span.low ? cost : span.low, high: cost > span.high ? cost : span.high }),
    {
      low: costs[0] ?? 0n,
      high: 0n,
    },
  );
  const known = costs.length === 0 ? '' : ` from ${formatUsd(range.low)} to ${formatUsd(range.high)}`;
  return `Bar chart of cost, ${formatWindow({ start: first.start, end: last.end })}: ${costs.length} steps${known}, ${gaps} not reported.`;
}
