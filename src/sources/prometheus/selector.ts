import type { PullWindow } from '../pull.ts';

/** Metrics that are asked for in one question, and the matchers that they share beside the configured ones. */
export interface MetricGroup {
  readonly metrics: readonly string[];
  /** PromQL, such as `pod!=""`; `''` for none. */
  readonly matcher: string;
}

/**
 * A range selector: asked as an instant query it answers the raw points at their own timestamps, where `query_range` would
 * answer values made up for its steps. Counters therefore arrive exactly as they were scraped.
 */
export interface RangeQuestion {
  readonly query: string;
  /** The window's last instant, in seconds: ranges are closed at their end. */
  readonly time: string;
}

/**
 * The question for `[from, to)`. Prometheus 3 leaves out the first instant of a range and Prometheus 2 does not, so the
 * range begins a millisecond early, and the reader drops what lies before the window.
 */
export function rangeQuestion(
  { metrics, matcher }: MetricGroup,
  { from, to }: PullWindow,
  labels: Readonly<Record<string, string>>,
): RangeQuestion {
  const own = Object.entries(labels).map(([name, value]) => `${name}=${quoted(value)}`);
  const [only] = metrics;
  const names =
    metrics.length === 1 && only !== undefined ? `__name__=${quoted(only)}` : `__name__=~${quoted(metrics.join('|'))}`;
  const matchers = [names, ...own, ...(matcher === '' ? [] : [matcher])];
  return { query: `{${matchers.join(',')}}[${to - from}ms]`, time: ((to - 1) / 1_000).toFixed(3) };
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
