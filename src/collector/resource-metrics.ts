import { AppError } from '../lib/errors.ts';
import type { ContainerReading, NodeReading, PodReading, Usage } from './reading.ts';

/** Of one node: some ten lines a container. */
const LINES_MAX = 200_000;
const LINE = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

interface Point {
  readonly metric: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number | null;
}

interface Found {
  coreSeconds: number | null;
  cpuAt: number | null;
  memoryBytes: number | null;
  startedAt: number | null;
}

/** Reads the kubelet's `/metrics/resource`: counters of CPU, of which usage is the growth since they were last read. */
export interface ResourceMetrics {
  /** Throws `upstream_refused` where this is no such text. */
  read(text: string, node: string): NodeReading;
}

/**
 * For kubelets that do not give `/stats/summary`. These metrics know no pod's uid and nothing of networks, and the first
 * reading knows no CPU usage.
 */
export function createResourceMetrics(): ResourceMetrics {
  /** Counters of the last reading; those of pods that are gone leave with it. */
  let before = new Map<string, Found>();
  return {
    read(text, node) {
      const pods = new Map<string, Map<string, Found>>();
      let at: number | null = null;
      for (const point of pointsOf(text)) {
        if (point.metric === 'node_cpu_usage_seconds_total') at = point.at;
        const [namespace = '', pod = ''] = [point.labels.get('namespace'), point.labels.get('pod')];
        if (namespace === '' || pod === '') continue;
        const containers = mapIn(pods, `${namespace}/${pod}`);
        note(foundIn(containers, point.labels.get('container') ?? ''), point);
      }
      const now = new Map<string, Found>();
      const readings = [...pods].map(([name, containers]) => {
        const usageOf = (container: string, found: Found): Usage => {
          const key = `${name}/${container}`;
          now.set(key, found);
          return {
            cores: coresOf(found, before.get(key)),
            coreSeconds: found.coreSeconds,
            memoryBytes: found.memoryBytes,
          };
        };
        return podReading(name, containers, usageOf);
      });
      before = now;
      if (readings.length === 0 && at === null) {
        throw new AppError('upstream_refused', 'cannot read what the kubelet says: these are no resource metrics');
      }
      return { node, at, pods: readings };
    },
  };
}

function podReading(
  name: string,
  containers: ReadonlyMap<string, Found>,
  usageOf: (container: string, found: Found) => Usage,
): PodReading {
  const [namespace = '', pod = ''] = name.split('/');
  const nothing = { coreSeconds: null, cpuAt: null, memoryBytes: null, startedAt: null };
  const starts = [...containers.values()].map(({ startedAt }) => startedAt).filter((at) => at !== null);
  const named = [...containers].filter(([container]) => container !== '');
  return {
    uid: name, // the API server's is not told here
    namespace,
    name: pod,
    startedAt: starts.length === 0 ? null : Math.min(...starts),
    usage: usageOf('', containers.get('') ?? nothing),
    receivedBytes: null,
    sentBytes: null,
    containers: named.map(
      ([container, found]): ContainerReading => ({ name: container, usage: usageOf(container, found) }),
    ),
  };
}

/** The average since the last reading; null at the first, and where the counter began anew. */
function coresOf(found: Found, earlier: Found | undefined): number | null {
  if (found.coreSeconds === null || found.cpuAt === null) return null;
  if (!earlier || earlier.coreSeconds === null || earlier.cpuAt === null) return null;
  const seconds = (found.cpuAt - earlier.cpuAt) / 1_000;
  const grown = found.coreSeconds - earlier.coreSeconds;
  return seconds > 0 && grown >= 0 ? grown / seconds : null;
}

function note(found: Found, { metric, value, at }: Point): void {
  if (!(value >= 0) || !Number.isFinite(value)) return;
  if (metric.endsWith('_cpu_usage_seconds_total')) Object.assign(found, { coreSeconds: value, cpuAt: at });
  else if (metric.endsWith('_memory_working_set_bytes')) found.memoryBytes = value;
  else if (metric.endsWith('_start_time_seconds')) found.startedAt = Math.round(value * 1_000);
}

function* pointsOf(text: string): Generator<Point> {
  const lines = text.split('\n');
  if (lines.length > LINES_MAX) {
    throw new AppError('upstream_refused', `cannot read ${lines.length} lines of metrics; at most ${LINES_MAX}`);
  }
  for (const line of lines) {
    const [, metric, labelText = '', value = '', at] = LINE.exec(line) ?? [];
    if (metric === undefined) continue;
    const labels = new Map([...labelText.matchAll(LABEL)].map(([, key = '', label = '']) => [key, label] as const));
    yield { metric, labels, value: Number(value), at: at === undefined ? null : Number(at) };
  }
}

function mapIn(maps: Map<string, Map<string, Found>>, key: string): Map<string, Found> {
  const known = maps.get(key) ?? new Map<string, Found>();
  maps.set(key, known);
  return known;
}

function foundIn(containers: Map<string, Found>, name: string): Found {
  const known = containers.get(name) ?? { coreSeconds: null, cpuAt: null, memoryBytes: null, startedAt: null };
  containers.set(name, known);
  return known;
}
