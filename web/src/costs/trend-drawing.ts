import type uPlot from 'uplot';
import { usdToNumber } from '../lib/money.ts';
import type { TimeWindow } from '../lib/time-window.ts';
import { gapsOf, type Step } from './steps.ts';

export interface Palette {
  readonly cpu: string;
  readonly ram: string;
  readonly other: string;
  readonly hatch: string;
  readonly grid: string;
  readonly text: string;
  /** What lies behind the chart. */
  readonly panel: string;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** CSS pixels; scaled to the canvas where it is drawn. */
const BAR_WIDTH_MAX = 26;
const BAR_GAP_SHARE = 0.22;
const HATCH_STEP = 6;
const LABEL_WIDTH_MIN = 84;
/** A day that the window cuts is lower for that reason alone: it is drawn fainter than whole ones. */
const CUT_ALPHA = 0.5;

/** Stacked bars for what is known, hatching for what is not: whole gaps, and the missing part above partly known steps. */
export function drawSteps(chart: uPlot, steps: readonly Step[], palette: Palette): void {
  const { ctx, bbox } = chart;
  ctx.save();
  for (const gap of gapsOf(steps)) {
    const { left, width } = spanOf(chart, gap, true);
    hatch(ctx, { x: left, y: bbox.top, width, height: bbox.height }, palette.hatch);
    if (width >= LABEL_WIDTH_MIN * devicePixelRatio) labelGap(chart, left + width / 2, palette);
  }
  for (const step of steps) if (step.cost !== null) drawBar(chart, step, palette);
  ctx.restore();
}

/** Where a stretch of time lies, from the plot's left edge, or from the canvas's in its own pixels. */
export function spanOf(chart: uPlot, { start, end }: TimeWindow, canvas: boolean): { left: number; width: number } {
  const left = chart.valToPos(start / 1_000, 'x', canvas);
  return { left, width: chart.valToPos(end / 1_000, 'x', canvas) - left };
}

function drawBar(chart: uPlot, step: Step, palette: Palette): void {
  if (step.cost === null) return;
  const { ctx, bbox } = chart;
  const span = spanOf(chart, step, true);
  const width = Math.min(BAR_WIDTH_MAX * devicePixelRatio, span.width * (1 - BAR_GAP_SHARE));
  const x = span.left + (span.width - width) / 2;
  const y = (dollars: number) => chart.valToPos(dollars, 'y', true);
  const { cpu, ram, total } = step.cost;
  const [base, cpuTop, ramTop, top] = [y(0), y(usdToNumber(cpu)), y(usdToNumber(cpu + ram)), y(usdToNumber(total))];
  if (step.coverage < 1) hatch(ctx, { x, y: bbox.top, width, height: top - bbox.top }, palette.hatch);
  ctx.globalAlpha = step.cut ? CUT_ALPHA : 1;
  ctx.fillStyle = palette.cpu;
  ctx.fillRect(x, cpuTop, width, base - cpuTop);
  ctx.fillStyle = palette.ram;
  ctx.fillRect(x, ramTop, width, cpuTop - ramTop);
  ctx.fillStyle = palette.other;
  ctx.fillRect(x, top, width, ramTop - top);
  ctx.globalAlpha = 1;
}

function hatch(ctx: CanvasRenderingContext2D, { x, y, width, height }: Rect, color: string): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.beginPath();
  const step = HATCH_STEP * devicePixelRatio;
  // Lines start on one lattice for the whole canvas, so that neighbouring stretches meet.
  for (let at = Math.floor((x - height) / step) * step; at < x + width; at += step) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.stroke();
  ctx.restore();
}

function labelGap({ ctx, bbox }: uPlot, center: number, palette: Palette): void {
  const text = 'no data';
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const [width, height] = [ctx.measureText(text).width + 16 * devicePixelRatio, 22 * devicePixelRatio];
  const y = bbox.top + bbox.height / 2;
  ctx.fillStyle = palette.panel;
  ctx.fillRect(center - width / 2, y - height / 2, width, height);
  ctx.fillStyle = palette.text;
  ctx.fillText(text, center, y);
}
