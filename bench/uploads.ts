/**
 * An operator's archive, from its bytes to durable facts, against csv-parse alone on the same rows in the same run; and the
 * memory that takes, against the archive unpacked. `node bench/run.ts uploads`.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { ConfigSchema } from '../src/config/schema.ts';
import { takeUpload } from '../src/http/uploads/take-upload.ts';
import { createIntake } from '../src/intake/group-commit.ts';
import { DAY_MS, HOUR_MS, hourStart, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { createFleet } from '../src/sim/fleet.ts';
import { type KokuReports, kokuReports, packKoku } from '../src/sim/koku-report.ts';
import { readMembers } from '../src/sources/koku/archive.ts';
import { surveyArchive } from '../src/sources/koku/koku.ts';
import { createClusters } from '../src/store/relational/clusters.ts';
import { migrate } from '../src/store/relational/migrate.ts';
import { openPglite } from '../src/store/relational/pglite-engine.ts';
import { createTenants } from '../src/store/relational/tenants.ts';
import { createUploads } from '../src/store/relational/uploads.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median } from './support/figure.ts';

const PODS = 5_000;
const HOURS = 12;
const TURNS = 3;
const MIB = 2 ** 20;
const RSS_EVERY_MS = 10;

export async function* benchUploads(): AsyncGenerator<Figure> {
  const archive = await fleetArchive();
  const lab = await openUploadLab();
  try {
    const rates: number[] = [];
    const alone: number[] = [];
    let peak = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      alone.push(await perSecond(archive.rows, () => parseAlone(archive.texts)));
      const memory = watchMemory();
      rates.push(await perSecond(archive.rows, () => lab.upload(archive.bytes)));
      peak = Math.max(peak, memory.stop());
    }
    yield figure(
      'uploads',
      { value: median(rates), unit: 'rows/s' },
      { name: 'csv_parse_alone', value: median(alone) },
    );
    const unpacked = archive.texts.reduce((sum, text) => sum + text.length, 0) / MIB;
    yield figure(
      'uploads_memory_growth',
      { value: peak / MIB, unit: 'MiB' },
      { name: 'archive_unpacked', value: unpacked },
    );
  } finally {
    await lab.close();
  }
}

interface Archive {
  readonly bytes: Uint8Array;
  readonly texts: readonly Buffer[];
  readonly rows: number;
}

async function fleetArchive(): Promise<Archive> {
  const to = hourStart(systemClock.now());
  const from = to - HOURS * HOUR_MS;
  const fleet = createFleet({ preset: 'bench', containers: PODS, seed: 1, start: from - DAY_MS });
  const { manifest, files }: KokuReports = kokuReports(fleet, { cluster: 'bench-1', from, to, columns: 20 });
  const texts = [...files.values()].map((text) => Buffer.from(text));
  const rows = [...files.values()].reduce((sum, text) => sum + text.split('\n').length - 2, 0);
  return { bytes: await packKoku(manifest, files), texts, rows };
}

async function openUploadLab() {
  const engine = await openBenchEngine();
  const relational = await openPglite({ folder: 'memory' });
  await migrate(relational);
  const clock = systemClock;
  const intake = createIntake({ columnar: engine.columnar, clock, log: createLogger({ level: 'warn' }) });
  const uploads = createUploads(relational.db);
  const { id: tenantId } = await createTenants(relational.db).create('bench', clock.now());
  const known = await createClusters(relational.db).resolve(tenantId, 'bench', clock.now());
  const cluster = { known, settle: async () => known };
  const settings = ConfigSchema.parse({});
  const { signal } = new AbortController();
  return {
    /** Under a manifest of its own each time, so that nothing is skipped. */
    async upload(bytes: Uint8Array): Promise<void> {
      const read = () => Readable.from([bytes], { objectMode: false });
      const survey = await surveyArchive(readMembers(read(), settings.uploads));
      const manifestUuid = crypto.randomUUID();
      const digest = createHash('sha256').update(bytes).digest();
      const upload = { tenantId, manifestUuid, cluster, survey, digest, read, signal };
      const { files } = await takeUpload(upload, { intake, uploads, settings, clock });
      const refused = files.find(({ status, rowsRefused }) => status !== 'taken' || rowsRefused > 0);
      if (refused) throw new Error(`a file was not taken: ${JSON.stringify(refused)}`);
    },
    async close() {
      await intake.close();
      await relational.close();
      await engine.close();
    },
  };
}

async function parseAlone(texts: readonly Buffer[]): Promise<void> {
  for (const text of texts) {
    let records = 0;
    for await (const _ of Readable.from(chunksOf(text), { objectMode: false }).pipe(parse())) records += 1;
    if (records === 0) throw new Error('there was nothing to parse');
  }
}

function* chunksOf(text: Buffer): Generator<Buffer> {
  for (let at = 0; at < text.length; at += 64 * 1_024) yield text.subarray(at, at + 64 * 1_024);
}

async function perSecond(rows: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (rows * SECOND_MS) / (performance.now() - startedAt);
}

/** Bytes that the process grew by at most. */
function watchMemory() {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, RSS_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak - before;
    },
  };
}
