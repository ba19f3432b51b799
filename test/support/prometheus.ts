import { execFile } from 'node:child_process';
import { access, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SeriesPoint } from '../../src/sim/series-point.ts';
import { freeTestPort } from './program.ts';
import { startTethered } from './tethered.ts';
import { waitFor } from './wait-for.ts';

/** A Prometheus of a test's own. */
export interface TestPrometheus {
  readonly url: string;
  end(): Promise<void>;
}

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** What was scraped at an instant (milliseconds). */
export interface HeldScrape {
  readonly at: number;
  readonly points: Iterable<SeriesPoint>;
}

const run = promisify(execFile);
const READY_MS = 30_000;
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Prometheus' own programs; `undefined` when there are none. */
export async function findPrometheus(): Promise<PrometheusPrograms | undefined> {
  for (const folder of FOLDERS) {
    const programs = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
    const found = await Promise.all(
      Object.values(programs).map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (found.every(Boolean)) return programs;
  }
  process.stderr.write('SKIPPED: no prometheus and promtool (apt-get install prometheus)\n');
  return undefined;
}

export interface PrometheusOptions {
  readonly scrapes: Iterable<HeldScrape>;
  /** Further flags, such as `--query.max-samples=5000`. */
  readonly flags?: readonly string[];
}

/** Makes blocks of the scrapes with promtool, and serves them. */
export async function startPrometheus(
  programs: PrometheusPrograms,
  { scrapes, flags = [] }: PrometheusOptions,
): Promise<TestPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-prometheus-'));
  await writeFile(join(folder, 'points.om'), openMetrics(scrapes));
  await run(
    programs.promtool,
    ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'points.om'), join(folder, 'data')],
    { cwd: folder },
  );
  return serve(programs, { folder, config: 'scrape_configs: []\n', flags });
}

/** What a Prometheus scrapes, every second. */
export interface ScrapeTarget {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bearer: string;
}

/** Scrapes a server that is there. */
export async function startScraper(
  programs: PrometheusPrograms,
  { url, path, params, bearer }: ScrapeTarget,
): Promise<TestPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-prometheus-'));
  const job = {
    job_name: 'target',
    scrape_interval: '1s',
    scrape_timeout: '1s',
    metrics_path: path,
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])),
    authorization: { type: 'Bearer', credentials: bearer },
    static_configs: [{ targets: [new URL(url).host] }],
  };
  // JSON is YAML
  return serve(programs, { folder, config: JSON.stringify({ scrape_configs: [job] }), flags: [] });
}

interface Served {
  readonly folder: string;
  readonly config: string;
  readonly flags: readonly string[];
}

async function serve({ prometheus }: PrometheusPrograms, { folder, config, flags }: Served): Promise<TestPrometheus> {
  await writeFile(join(folder, 'prometheus.yml'), config);
  const port = await freeTestPort();
  const command = [
    prometheus,
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
    ...flags,
  ];
  const server = startTethered(command, { folder, signal: 'TERM' });
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitFor(() => isReady(url, () => server.ended()), { timeoutMs: READY_MS, what: 'the start of Prometheus' });
  } catch (error) {
    await server.end();
    throw new Error(`Prometheus did not start: ${server.output()}`, { cause: error });
  }
  return { url, end: () => server.end() };
}

async function isReady(url: string, ended: () => boolean): Promise<boolean> {
  if (ended()) throw new Error('it ended');
  const response = await fetch(`${url}/-/ready`).catch(() => undefined);
  return response?.ok === true;
}

function openMetrics(scrapes: Iterable<HeldScrape>): string {
  const lines: string[] = [];
  for (const { at, points } of scrapes) {
    for (const { labels, value } of points) {
      const { __name__: metric, ...others } = labels;
      const pairs = Object.entries(others).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
      lines.push(`${metric}{${pairs.join(',')}} ${value} ${(at / 1_000).toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
