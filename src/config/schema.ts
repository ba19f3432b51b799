import { z } from 'zod';
import { SOURCES } from '../core/samples.ts';
import { Agent, Collect } from './collectors.ts';
import { bytes, httpUrl, secret, secretUrl, whole } from './fields.ts';
import { Kubernetes } from './kubernetes.ts';
import { Pulls } from './pulls.ts';
import { RemoteWrite } from './remote-write.ts';

/**
 * Every setting there is: its type, limits, default and meaning. The editor's JSON Schema, the names of the
 * environment variables and docs/reference/config.md all follow from this file.
 */

const name = z.string().trim().min(1).max(253);

const Http = z.strictObject({
  host: name
    .default('0.0.0.0')
    .describe('Address to listen on. Clusters must reach it; 127.0.0.1 keeps it to this machine.'),
  port: z.int().min(0).max(65_535).default(8_080).describe('TCP port; 0 takes a free one.'),
  bodyBytesMax: bytes({ min: 1_024, max: 2 ** 30, standard: '16MiB' }).describe(
    'Largest request body as it comes over the wire.',
  ),
  bodyDecompressedBytesMax: bytes({ min: 1_024, max: 2 ** 31, standard: '64MiB' }).describe(
    'Largest request body after decompression.',
  ),
  corsOrigins: z
    .array(z.string().min(1).max(500))
    .max(100)
    .default([])
    .describe('Origins whose pages may call the API, such as https://grafana.example.com.'),
  trustProxy: z.boolean().default(false).describe('Believe X-Forwarded-* headers. Only behind a proxy that sets them.'),
  requestTimeoutMs: whole(1_000, 600_000, 30_000).describe(
    'Longest time to receive a request, and to answer a question.',
  ),
  checkReplies: z.boolean().default(false).describe('Check each reply against its contract (tests; costs time).'),
  rateLimit: z
    .strictObject({
      perKeyPerMinute: whole(1, 10_000_000, 12_000).describe('Requests that one API key may make in a minute.'),
      burst: whole(1, 1_000_000, 2_000).describe('Requests that one API key may make at once.'),
    })
    .prefault({}),
});

const EmbeddedColumnar = z.strictObject({
  engine: z
    .literal('embedded')
    .default('embedded')
    .describe('An engine inside Kubetally, its files in the data folder.'),
  memoryBytesMax: bytes({ min: 256 * 2 ** 20, max: 2 ** 40, standard: '1GiB' }).describe(
    'Memory of the engine for all its queries.',
  ),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Loopback port of its ClickHouse HTTP interface; 0 takes a free one.'),
  dashboardPassword: secret(12)
    .optional()
    .describe('Password of the read-only user "dashboard"; without one that user is off.'),
});

const ClickHouseColumnar = z.strictObject({
  engine: z.literal('clickhouse').describe('A ClickHouse server of yours.'),
  url: httpUrl().describe('Its HTTP interface.'),
  user: name.default('default').describe('Its user.'),
  password: secret(0).optional().describe('The password of that user.'),
  database: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)
    .default('kubetally')
    .describe('Created at the first start when the user may.'),
});

const Relational = z.discriminatedUnion('engine', [
  z.strictObject({
    engine: z
      .literal('pglite')
      .default('pglite')
      .describe('PostgreSQL inside Kubetally, its files in the data folder.'),
  }),
  z.strictObject({
    engine: z.literal('postgres').describe('A PostgreSQL server of yours, version 15 or newer.'),
    url: secretUrl(/^postgres(ql)?$/, 'postgres://user:password@host:5432/kubetally').describe(
      'Its address, such as postgres://user:password@host:5432/kubetally.',
    ),
  }),
]);

const Cache = z.discriminatedUnion('engine', [
  z.strictObject({ engine: z.literal('memory').default('memory').describe('In the process: right for one replica.') }),
  z.strictObject({
    engine: z.literal('redis').describe('A Redis server: shares key look-ups and rate limits between replicas.'),
    url: secretUrl(/^rediss?$/, 'redis://:password@host:6379/0').describe(
      'Its address, such as redis://:password@host:6379/0.',
    ),
  }),
]);

const Keys = z.strictObject({
  pepper: secret(16)
    .optional()
    .describe(
      'Secret that API keys are hashed with. With pglite one is made and kept in the data folder; with postgres it must be given, the same for all replicas. Changing it makes every key invalid.',
    ),
  cacheSeconds: whole(0, 300, 60).describe('How long a checked key is remembered.'),
});

const Intake = z.strictObject({
  queueRowsMax: whole(1_000, 100_000_000, 500_000).describe(
    'Rows that may wait to be written; beyond it callers get 503.',
  ),
  groupRowsMax: whole(1_000, 10_000_000, 50_000).describe('Rows written in one insert.'),
  groupDelayMs: whole(0, 10_000, 200).describe('How long a row waits for others to share its insert.'),
  rowsPerPostMax: whole(1, 10_000_000, 100_000).describe('Rows that one request may carry.'),
  sampleAgeDaysMax: whole(1, 3_650, 13).describe('Older samples are refused.'),
  clockSkewMinutesMax: whole(0, 1_440, 10).describe('How far in the future a timestamp may be.'),
  clusterNameDefault: name
    .default('default')
    .describe('Cluster of posts that name none, from keys that are bound to none.'),
});

const Rollup = z.strictObject({
  intervalMs: whole(20, 3_600_000, 2_000).describe('Pause between two looks for hours to recompute.'),
  sourceOrder: z
    .array(z.enum(SOURCES))
    .min(1)
    .max(SOURCES.length)
    .default([...SOURCES])
    .describe('Which source is believed where several covered an hour, best first.'),
  holdMinutesMin: whole(1, 60, 5).describe(
    'A sample holds until the next one, at most twice the usual interval, and never less than this.',
  ),
});

const Retention = z.strictObject({
  samplesDays: whole(2, 3_650, 14).describe('Days that raw samples are kept.'),
  ledgerMonths: whole(1, 1_200, 25).describe('Months that the hourly ledger is kept.'),
});

const Uploads = z.strictObject({
  archiveBytesMax: bytes({ min: 1_024, max: 2 ** 36, standard: '256MiB' }).describe(
    'Largest uploaded archive, as it comes over the wire. Operators send at most 100 MB unless told otherwise.',
  ),
  unpackedBytesMax: bytes({ min: 1_024, max: 2 ** 40, standard: '8GiB' }).describe(
    'Largest uploaded archive, unpacked.',
  ),
  timeoutMs: whole(1_000, 3_600_000, 600_000).describe(
    'Longest time to read an upload and make it durable, once its first byte is there.',
  ),
  concurrentMax: whole(1, 100, 4).describe(
    'Uploads that are read at once. Four times as many may be arriving or waiting; further ones get 503 and come again. No tenant has more than half of either.',
  ),
  folder: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .optional()
    .describe('Where an archive lies while it is read. The temporary folder of the system when not given.'),
  anonymousTenant: name
    .optional()
    .describe(
      'Name of the tenant that uploads without any key are for. Whoever reaches the server can then write to it; off when not given.',
    ),
  podLabelKeys: z
    .array(z.string().trim().min(1).max(317))
    .min(1)
    .max(50)
    .default(['label_rht_comp'])
    .describe(
      'Pods with one of these labels are in GET /api/metrics/v1/pods; the value of the first one is their component. With or without `label_`.',
    ),
});

const Lake = z.strictObject({
  bucket: name.optional().describe('S3 bucket for exports. Reserved: this version exports nothing yet.'),
  prefix: z.string().max(1_000).default('k8s-metrics/').describe('Start of every object key.'),
  region: name.default('us-east-1').describe('Region of the bucket.'),
  endpoint: httpUrl().optional().describe('For S3-compatible stores.'),
  accessKeyId: name.optional().describe('Access key, where the environment brings no credentials.'),
  secretAccessKey: secret().optional().describe('Its secret.'),
});

const Log = z.strictObject({
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least serious lines that are written.'),
  pretty: z.boolean().default(false).describe('Lines for people instead of JSON.'),
});

/** The settings by themselves; the rules between them are in rules.ts. */
export const ConfigSchema = z.strictObject({
  dataDir: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .default('./data')
    .describe('Folder of the embedded engines and the generated pepper.'),
  environment: name.default('production').describe('Name of this installation; shown in logs.'),
  debugKubernetesApi: z
    .boolean()
    .default(false)
    .describe('Log every request to a Kubernetes API: method, path, status and time. Reported by GET /health.'),
  http: Http.prefault({}),
  columnar: z.discriminatedUnion('engine', [EmbeddedColumnar, ClickHouseColumnar]).prefault({}),
  relational: Relational.prefault({}),
  cache: Cache.prefault({}),
  keys: Keys.prefault({}),
  intake: Intake.prefault({}),
  rollup: Rollup.prefault({}),
  retention: Retention.prefault({}),
  pulls: Pulls,
  uploads: Uploads.prefault({}),
  remoteWrite: RemoteWrite.prefault({}),
  kubernetes: Kubernetes.prefault({}),
  lake: Lake.prefault({}),
  collect: Collect.prefault({}),
  agent: Agent.prefault({}),
  log: Log.prefault({}),
});

/** What a configuration file may say: everything is optional. */
export type ConfigInput = z.input<typeof ConfigSchema>;

type DeepReadonly<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The whole configuration, checked and frozen. */
export type Config = DeepReadonly<z.output<typeof ConfigSchema>>;
