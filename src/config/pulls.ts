import { z } from 'zod';
import { bytes, headerSecret, httpUrl, secret, whole } from './fields.ts';

/** The settings of one entry of `pulls`: an API of others that is asked again and again. */

const name = z.string().trim().min(1).max(253);
const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected the name of a label');
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'expected the name of a header');

/** An address that a path, and a query of our own, can be put behind. */
const baseUrl = () =>
  httpUrl().refine(
    (text) => !/[?#]/.test(text),
    'expected an address without "?" and "#": the path of its API is put behind it',
  );

const COMMON = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes, at most 63')
    .describe('Names its progress, its lease and its metrics; another name starts anew.'),
  url: baseUrl().describe('Address of the API, with its path prefix where it has one.'),
  tenant: name.default('default').describe('Tenant, by name, whose clusters these are.'),
  cluster: name.optional().describe('Cluster of everything that is pulled; without it the upstream names it.'),
  bearer: headerSecret().optional().describe('Token of `Authorization: Bearer`.'),
  basic: z
    .strictObject({ user: name.describe('User.'), password: secret(0).describe('Password.') })
    .optional()
    .describe('User and password of `Authorization: Basic`.'),
  headers: z
    .record(headerName, headerSecret())
    .default({})
    .describe('Further headers, such as X-Scope-OrgID. Their values are never printed.'),
  backfillDays: whole(0, 400, 14).describe(
    'Days of the past that are pulled at first, as far as what they bring would be kept.',
  ),
};

const PrometheusPull = z.strictObject({
  kind: z
    .literal('prometheus')
    .describe('Prometheus, Thanos Query, Mimir, VictoriaMetrics: anything with its query API.'),
  ...COMMON,
  timeoutMs: whole(1_000, 600_000, 30_000).describe('Longest time from a question to the end of its answer.'),
  responseBytesMax: bytes({ min: 65_536, max: 2 ** 30, standard: '64MiB' }).describe(
    'Largest answer, decompressed; a larger one is broken off and asked for in smaller pieces.',
  ),
  intervalSeconds: whole(15, 86_400, 60).describe('Pause between two pulls of what is new.'),
  delaySeconds: whole(0, 86_400, 120).describe('Points are pulled when they are this old, so that late ones are in.'),
  selector: z
    .record(labelName, z.string().min(1).max(1_000))
    .default({})
    .describe('Labels that the series must have, such as tenant_id or cloud_account_id.'),
  clusterLabels: z
    .array(labelName)
    .max(10)
    .default(['cluster', 'cluster_id', 'cluster_name'])
    .describe('Labels that name the cluster of a series, the first that is there counts.'),
  replicaLabels: z
    .array(labelName)
    .max(10)
    .default(['prometheus_replica', '__replica__', 'replica'])
    .describe('Labels that tell two Prometheus of one pair apart. They are left out, so that a pair counts once.'),
  dedup: z.boolean().default(true).describe('Thanos: one series of several replicas.'),
  partialResponse: z
    .boolean()
    .default(false)
    .describe('Take what the upstream itself calls incomplete, rather than ask again.'),
  samplesPerQueryMax: whole(1_000, 5_000_000, 200_000).describe(
    'Points that one answer may have, at most half of intake.queueRowsMax; questions are cut so that about half of it comes.',
  ),
});

const KubecostPull = z.strictObject({
  kind: z.literal('kubecost').describe('The allocation API of Kubecost or OpenCost.'),
  ...COMMON,
  timeoutMs: whole(1_000, 600_000, 120_000).describe('Longest time until an answer begins.'),
  responseBytesMax: bytes({ min: 65_536, max: 2 ** 33, standard: '1GiB' }).describe(
    'Largest answer, decompressed; a larger one is broken off and asked for in fewer hours.',
  ),
  intervalSeconds: whole(60, 86_400, 900).describe('Pause between two pulls of what is new.'),
  delaySeconds: whole(0, 7 * 86_400, 7_200).describe('Hours are pulled when they are over for so long.'),
  aggregate: z.enum(['container', 'pod']).default('container').describe('Finest level that is asked for.'),
  reconcileHours: whole(0, 744, 48).describe(
    'Past hours that are pulled again once a day: their costs may have changed.',
  ),
});

/** Each entry says by its `kind` what it is. */
export const Pulls = z
  .array(z.discriminatedUnion('kind', [PrometheusPull, KubecostPull]))
  .max(100)
  .default([])
  .describe('APIs of others that are asked for costs or usage. Only in a file; see below.');
