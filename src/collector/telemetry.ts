/**
 * Counts of a collector or agent, and their text for `GET /metrics`. A registry of a library's would be a tenth of all the
 * memory that a node's collector may use.
 */
export interface Telemetry {
  add(name: CounterName, value: number): void;
  count(name: CounterName): number;
  /** The Prometheus text format, with `gauges` as they are now; null, not known, is left out. */
  text(gauges: readonly Gauge[]): string;
}

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: number | null;
}

const COUNTERS = {
  kubetally_collect_scrapes_total: 'Readings of the kubelet that were kept.',
  kubetally_collect_scrape_failures_total: 'Readings of the kubelet that failed.',
  kubetally_agent_posts_total: 'Posts of collectors that were kept.',
  kubetally_agent_refused_posts_total: 'Posts of collectors that were refused.',
  kubetally_agent_watch_batches_total: 'Batches of the Kubernetes watches that were kept.',
  kubetally_agent_watch_failures_total: 'Batches of the Kubernetes watches that could not be kept.',
  kubetally_spool_delivered_total: 'Records that the server has taken.',
  kubetally_spool_requests_total: 'Requests to the server.',
  kubetally_spool_failures_total: 'Requests that will be made again: no answer, or one that asks for patience.',
  kubetally_spool_refused_total: 'Records that the server refused for good, and that are gone.',
  kubetally_spool_rejected_rows_total: 'Rows that the server refused of records that it took.',
} as const;
export type CounterName = keyof typeof COUNTERS;

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function createTelemetry(): Telemetry {
  const counts = new Map<CounterName, number>();
  return {
    add: (name, value) => void counts.set(name, (counts.get(name) ?? 0) + value),
    count: (name) => counts.get(name) ?? 0,
    text(gauges) {
      const counters = [...counts].map(([name, value]) => metric({ name, help: COUNTERS[name], value }, 'counter'));
      return [...counters, ...gauges.map((gauge) => metric(gauge, 'gauge'))].join('');
    },
  };
}

function metric({ name, help, value }: Gauge, type: 'counter' | 'gauge'): string {
  if (value === null) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
