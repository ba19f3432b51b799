import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';

/**
 * Our own metrics, in one registry that `GET /metrics` writes out. Each room declares what it counts, once, when it is
 * made; declaring a name twice throws. Names are `kubetally_…` with the unit last; labels must have few values (a route,
 * never a URL; a reason, never a message; nothing of a tenant).
 */
export interface Metrics {
  counter<L extends string = never>(spec: MetricSpec<L>): MetricCounter<L>;
  gauge<L extends string = never>(spec: MetricSpec<L>): MetricGauge<L>;
  /** A gauge that is asked for its value when the metrics are read; `null`, not known, shows as NaN. */
  observedGauge(spec: MetricSpec<never>, read: () => number | null): void;
  histogram<L extends string = never>(spec: HistogramSpec<L>): MetricHistogram<L>;
  /** The Prometheus text format, and the content type to send it with. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricSpec<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export interface HistogramSpec<L extends string> extends MetricSpec<L> {
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

type Labels<L extends string> = Readonly<Record<L, string>>;

export interface MetricCounter<L extends string> {
  add(value: number, labels?: Labels<L>): void;
}

export interface MetricGauge<L extends string> {
  set(value: number, labels?: Labels<L>): void;
}

export interface MetricHistogram<L extends string> {
  observe(value: number, labels?: Labels<L>): void;
}

/** Bounds in seconds for anything a caller waits for. */
export const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  return {
    counter(spec) {
      const counter = new Counter<string>(declaration(registry, spec));
      return { add: (value, labels) => (labels ? counter.inc({ ...labels }, value) : counter.inc(value)) };
    },
    gauge(spec) {
      const gauge = new Gauge<string>(declaration(registry, spec));
      return { set: (value, labels) => (labels ? gauge.set({ ...labels }, value) : gauge.set(value)) };
    },
    observedGauge(spec, read) {
      const gauge = new Gauge({
        ...declaration(registry, spec),
        collect() {
          gauge.set(read() ?? Number.NaN);
        },
      });
    },
    histogram(spec) {
      const histogram = new Histogram<string>({ ...declaration(registry, spec), buckets: [...spec.buckets] });
      return {
        observe: (value, labels) => (labels ? histogram.observe({ ...labels }, value) : histogram.observe(value)),
      };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function declaration<L extends string>(registry: Registry, { name, help, labels = [] }: MetricSpec<L>) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
