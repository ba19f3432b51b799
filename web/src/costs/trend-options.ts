import uPlot from 'uplot';
import type { Step } from './steps.ts';
import { drawSteps, type Palette, spanOf } from './trend-drawing.ts';

interface TrendOptions {
  /** Where colours are resolved. */
  element: HTMLElement;
  steps: readonly Step[];
  onHover: (index: number | null) => void;
  hoverClass: string;
}

const FONT = '12px Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';
const HEADROOM = 1.06;

/** Everything uPlot needs but its size: UTC time below, money at the left, bars drawn by trend-drawing.ts. */
export function trendOptions({
  element,
  steps,
  onHover,
  hoverClass,
}: TrendOptions): Omit<uPlot.Options, 'width' | 'height'> {
  const palette = paletteOf(element);
  const start = (steps[0]?.start ?? 0) / 1_000;
  const end = (steps.at(-1)?.end ?? 0) / 1_000;
  const axis = { stroke: palette.text, font: FONT, ticks: { show: false } };
  return {
    padding: [6, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    scales: {
      x: { range: () => [start, end] },
      y: { range: (_chart, _low, high) => [0, high > 0 ? high * HEADROOM : 1] },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 56,
        size: 28,
        gap: 8,
        values: (_chart, splits) => splits.map(formatTick),
      },
      {
        ...axis,
        grid: { stroke: palette.grid, width: 1 },
        space: 44,
        size: moneyAxisSize,
        gap: 10,
        values: (_chart, splits) => splits.map(formatAxisUsd),
      },
    ],
    hooks: { draw: [(chart) => drawSteps(chart, steps, palette)], init: [hoverBand({ steps, onHover, hoverClass })] },
  };
}

function paletteOf(element: HTMLElement): Palette {
  // A probe for each: one that changes its colour is read in transition, where motion is reduced to a very short one.
  const resolve = (name: string) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  return {
    cpu: resolve('--cpu'),
    ram: resolve('--ram'),
    other: resolve('--other'),
    hatch: resolve('--line-strong'),
    grid: resolve('--line'),
    text: resolve('--ink-soft'),
    panel: resolve('--surface-panel'),
  };
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

function formatTick(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return at.getUTCHours() === 0 ? DAY.format(at) : at.toISOString().slice(11, 16);
}

/** Axis labels are round numbers already: as few digits as they need. */
function formatAxisUsd(dollars: number): string {
  return `$${dollars.toLocaleString('en-US', { maximumSignificantDigits: 4 })}`;
}

function moneyAxisSize(chart: uPlot, values: string[] | null): number {
  chart.ctx.font = FONT.replace('12px', `${12 * devicePixelRatio}px`);
  const widths = (values ?? []).map((value) => chart.ctx.measureText(value).width / devicePixelRatio);
  return Math.ceil(Math.max(24, ...widths)) + 14;
}

/** Marks the step under the pointer, and says which it is. */
function hoverBand({ steps, onHover, hoverClass }: Omit<TrendOptions, 'element'>): (chart: uPlot) => void {
  return (chart) => {
    const band = chart.over.appendChild(document.createElement('div'));
    band.className = hoverClass;
    band.hidden = true;
    const move = () => {
      const index = chart.cursor.idx ?? null;
      const step = index === null ? undefined : steps[index];
      const inside = step !== undefined && (chart.cursor.left ?? -1) >= 0;
      band.hidden = !inside;
      onHover(inside ? index : null);
      if (!inside) return;
      const { left, width } = spanOf(chart, step, false);
      Object.assign(band.style, { left: `${left}px`, width: `${width}px` });
    };
    chart.hooks.setCursor = [move];
  };
}
