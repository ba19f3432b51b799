import { access, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeriesPoint } from '../../src/sim/series-point.ts';
import { listen } from './listen.ts';
import { freeTestPort } from './program.ts';
import { startTethered, type Tethered } from './tethered.ts';

/** Programs of others that scrape a target and remote-write what they saw: each as its users configure it. */
export interface RemoteWriter {
  readonly name: string;
  readonly program: string;
  readonly debianPackage: string;
  start(options: RemoteWriterOptions): Promise<Tethered>;
}

export interface RemoteWriterOptions {
  /** `host:port` of what it scrapes, once a second. */
  readonly target: string;
  /** Where it writes. */
  readonly url: string;
  /** `key_id:secret`, sent as Basic credentials. */
  readonly key: string;
  readonly cluster: string;
}

const PROMETHEUS: RemoteWriter = {
  name: 'Prometheus',
  program: '/usr/bin/prometheus',
  debianPackage: 'prometheus',
  async start({ target, url, key, cluster }) {
    const folder = await mkdtemp(join(tmpdir(), 'kubetally-writer-'));
    const [user, password] = key.split(':');
    const config = `
global: { scrape_interval: 1s, external_labels: { cluster: ${cluster}, prometheus_replica: a } }
${scrapeConfig(target)}
remote_write:
  - url: ${url}
    basic_auth: { username: ${user}, password: ${password} }
    queue_config: { batch_send_deadline: 200ms, min_backoff: 30ms, max_backoff: 200ms }
`;
    await writeFile(join(folder, 'prometheus.yml'), config);
    const address = `127.0.0.1:${await freeTestPort()}`;
    const flags = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`];
    return startTethered([this.program, ...flags], { folder, signal: 'TERM' });
  },
};

const VMAGENT: RemoteWriter = {
  name: 'vmagent',
  program: '/usr/bin/vmagent',
  debianPackage: 'victoria-metrics',
  async start({ target, url, key, cluster }) {
    const folder = await mkdtemp(join(tmpdir(), 'kubetally-writer-'));
    const [user, password] = key.split(':');
    await writeFile(join(folder, 'scrape.yml'), `global: { scrape_interval: 1s }\n${scrapeConfig(target)}`);
    const flags = [
      '-promscrape.config=scrape.yml',
      '-remoteWrite.tmpDataPath=queue',
      `-remoteWrite.url=${url}`,
      `-remoteWrite.basicAuth.username=${user}`,
      `-remoteWrite.basicAuth.password=${password}`,
      `-remoteWrite.label=cluster=${cluster}`,
      '-remoteWrite.flushInterval=200ms',
      `-httpListenAddr=127.0.0.1:${await freeTestPort()}`,
    ];
    return startTethered([this.program, ...flags], { folder, signal: 'TERM' });
  },
};

function scrapeConfig(target: string): string {
  return `scrape_configs:
  - { job_name: sim, honor_labels: true, static_configs: [{ targets: ['${target}'] }] }
`;
}

/** Those of them that are here; says which are not. */
export async function findRemoteWriters(): Promise<RemoteWriter[]> {
  const found: RemoteWriter[] = [];
  for (const writer of [PROMETHEUS, VMAGENT]) {
    const isThere = await access(writer.program).then(
      () => true,
      () => false,
    );
    if (isThere) found.push(writer);
    else process.stderr.write(`SKIPPED: no ${writer.name} (apt-get install ${writer.debianPackage})\n`);
  }
  return found;
}

/** What is scraped, and what was: each scrape's points with the instant that they carry. */
export interface Exporter {
  readonly target: string;
  readonly scrapes: readonly { readonly at: number; readonly points: readonly SeriesPoint[] }[];
  close(): Promise<void>;
}

/** Serves `pointsAt(now)` with its instant beside every value, as an exporter may. */
export async function startExporter(pointsAt: (at: number) => SeriesPoint[]): Promise<Exporter> {
  const scrapes: { at: number; points: SeriesPoint[] }[] = [];
  const server = createServer((_, response) => {
    const at = Date.now();
    const points = pointsAt(at);
    scrapes.push({ at, points });
    response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(points.map((point) => line(point, at)).join(''));
  });
  const port = await listen(server);
  return {
    target: `127.0.0.1:${port}`,
    scrapes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function line({ labels: { __name__: metric, ...labels }, value }: SeriesPoint, at: number): string {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
  return `${metric}{${pairs.join(',')}} ${value} ${at}\n`;
}
