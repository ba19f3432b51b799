import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { UploadReply, UploadStatus } from '../../contracts/uploads.ts';
import { HOUR_MS, hourStart, systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { createFleet } from '../../sim/fleet.ts';
import { type KokuReports, kokuReports, packKoku } from '../../sim/koku-report.ts';
import type { Intake, Principal } from '../dependencies.ts';

const FIXTURES = new URL('../../../../shared/fixtures/', import.meta.url);
const hasFixtures = existsSync(FIXTURES);
const UPLOAD = '/api/ingress/v1/upload';
const NOW = hourStart(systemClock.now());
const FROM = NOW - 30 * HOUR_MS;

let server: TestServer;
let reports: KokuReports;
beforeAll(async () => {
  server = await startTestServer();
  const fleet = createFleet({ preset: 'small', seed: 7, start: FROM });
  reports = kokuReports(fleet, { cluster: 'small', from: FROM, to: FROM + 3 * HOUR_MS, columns: 20 });
});
afterAll(() => server.close());

const Refusal = z.object({ error: z.string(), code: z.string() });
/** A reply or a refusal, and what only the other one has left empty. */
const Reply = z.object({
  ...UploadReply.partial().shape,
  ...Refusal.partial().shape,
  message: z.string(),
  files: UploadReply.shape.files.default([]),
});

interface Sending {
  readonly key?: string;
  readonly url?: string;
  readonly field?: string;
  readonly to?: TestServer;
}

async function send(archive: Uint8Array, { key, url = UPLOAD, field = 'file', to = server }: Sending) {
  const form = new FormData();
  form.set(
    field,
    new Blob([Uint8Array.from(archive)], { type: 'application/vnd.redhat.hccm.tar+tgz' }),
    'payload.tar.gz',
  );
  const headers = key === undefined ? {} : { authorization: `Basic ${Buffer.from(key).toString('base64')}` };
  const response = await fetch(`${to.url}${url}`, { method: 'POST', body: form, headers });
  return { status: response.status, headers: response.headers, body: Reply.parse(await response.json()) };
}

async function uploader(clusterName?: string): Promise<{ tenant: string; key: string }> {
  const tenant = await server.tenant();
  return { tenant, key: await server.key(tenant, ['ingest'], clusterName) };
}

const Stored = z.object({ kind: z.string(), facts: z.coerce.number(), digest: z.string() });

/** What the store holds of a tenant, as one digest a kind. */
async function factsOf(tenant: string, to = server) {
  return await to.columnar.rows({
    sql: `SELECT kind, count() AS facts, toString(groupBitXor(cityHash64(hour, node, namespace, pod, container, name, amounts, texts, labels))) AS digest
          FROM hour_facts FINAL WHERE tenant = {tenant:UUID} AND source = 'koku' GROUP BY kind ORDER BY kind`,
    params: { tenant },
    row: Stored,
  });
}

const named = (part: string, from = reports) => new Map([...from.files].filter(([name]) => name.includes(part)));

describe('an upload is answered', () => {
  test('202 once it is durable, with what became of each file, as the operators and their users expect', async () => {
    const { tenant, key } = await uploader();
    const { status, body, headers } = await send(await packKoku(reports.manifest, reports.files), { key });
    expect(status).toBe(202);
    expect(headers.get('x-rh-insights-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).toMatchObject({
      message: 'File processed successfully',
      uuid: reports.manifest.uuid,
      cluster: 'small',
    });
    expect(body.files.map(({ kind, status: of, rows_refused }) => [kind, of, rows_refused])).toEqual([
      ['pod', 'taken', 0],
      ['node', 'taken', 0],
      ['namespace', 'taken', 0],
      ['storage', 'taken', 0],
    ]);
    const stored = new Map((await factsOf(tenant)).map(({ kind, facts }) => [kind, facts]));
    for (const { kind, rows_taken } of body.files) expect(stored.get(kind ?? ''), kind ?? '').toBe(rows_taken);
  });

  test('under the misspelt path too, and with a slash behind', async () => {
    const { key } = await uploader();
    expect((await send(await packKoku(reports.manifest, reports.files), { key, url: `${UPLOAD}/` })).status).toBe(202);
    expect(
      (await send(await packKoku(reports.manifest, reports.files), { key, url: '/api/ingres/v1/upload' })).status,
    ).toBe(202);
  });

  test('503, and nothing noted, where the rows could not be made durable', async () => {
    const intake: Intake = {
      accept: async () => {
        throw new AppError('store_unavailable', 'the store is away');
      },
    };
    const broken = await startTestServer({ deps: { intake } });
    try {
      const key = await broken.key(await broken.tenant(), ['ingest']);
      expect(await send(await packKoku(reports.manifest, reports.files), { key, to: broken })).toMatchObject({
        status: 503,
      });
      const status = await fetch(`${broken.url}/v1/uploads/${reports.manifest.uuid}`, {
        headers: { 'x-api-key': key },
      });
      expect(status.status).toBe(404);
    } finally {
      await broken.close();
    }
  });

  test('400 in the words of its surface where there is no archive to read', async () => {
    const { key } = await uploader();
    const f = async (archive: Uint8Array, more: Sending, error: RegExp) => {
      const { status, body } = await send(archive, { key, ...more });
      expect([status, body.error], body.error).toEqual([400, expect.stringMatching(error)]);
    };
    await f(Buffer.from('not gzip'), {}, /^Failed to process tar.gz: incorrect header check/);
    await f(
      await packKoku(reports.manifest, reports.files),
      { field: 'archive' },
      /^File upload failed: there is no part called "file"/,
    );
    for (const type of ['application/json', 'application/gzip', 'application/x-www-form-urlencoded']) {
      const raw = await fetch(`${server.url}${UPLOAD}`, {
        method: 'POST',
        body: '{}',
        headers: { 'x-api-key': key, 'content-type': type },
      });
      expect([raw.status, Refusal.parse(await raw.json()).error], type).toEqual([
        400,
        'File upload failed: the body is not multipart/form-data',
      ]);
    }
    const cut = await fetch(`${server.url}${UPLOAD}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    });
    expect([cut.status, Refusal.parse(await cut.json()).error]).toEqual([
      400,
      expect.stringMatching(/^File upload failed: /),
    ]);
  });

  test('413 beyond the sizes that are configured, and names them', async () => {
    const small = await startTestServer({ uploads: { archiveBytesMax: 2_000, unpackedBytesMax: 5_000 } });
    try {
      const key = await small.key(await small.tenant(), ['ingest']);
      const large = await packKoku(reports.manifest, reports.files);
      expect(await send(large, { key, to: small })).toMatchObject({
        status: 413,
        body: { error: expect.stringContaining('2000 bytes') },
      });
      const even = await packKoku(reports.manifest, new Map([['a', 'x'.repeat(20_000)]]));
      expect(await send(even, { key, to: small })).toMatchObject({
        status: 413,
        body: { error: expect.stringContaining('5000 bytes') },
      });
    } finally {
      await small.close();
    }
  });

  test('400 where nothing of it can be taken; its cluster is not made for it, and of a known one its outcome can be asked for', async () => {
    const { tenant, key } = await uploader();
    const broken = [...reports.files].map(([name, text]): [string, string] => [
      name,
      text.replace('interval_start', 'begin'),
    ]);
    const empty = [...reports.files].map(([name, text]): [string, string] => [name, text.split('\n')[0] ?? '']);
    const f = async (files: readonly [string, string][], error: RegExp, listed = reports.manifest.files) => {
      const { status, body } = await send(await packKoku({ ...reports.manifest, files: listed }, new Map(files)), {
        key,
      });
      expect([status, body.error]).toEqual([400, expect.stringMatching(error)]);
    };
    await f(broken, /none of its files can be taken.*interval_start/);
    await f(empty, /none of its files can be taken.*it is empty/);
    await f([], /none of its files can be taken.*no archive has brought it yet/);
    await f([...reports.files], /none of its files can be taken.*the manifest does not list it/, []);
    await f([], /its manifest lists no files/, []);
    expect(await factsOf(tenant)).toEqual([]);
    expect(await server.deps.clusters.list(tenant)).toEqual([]);
    const { cluster_id: externalId } = reports.manifest;
    await server.deps.clusters.resolveExternal(tenant, { externalId, name: 'small' }, NOW);
    await f(broken, /none of its files/);
    const outcome = await fetch(`${server.url}/v1/uploads/${reports.manifest.uuid}`, { headers: { 'x-api-key': key } });
    expect(UploadStatus.parse(await outcome.json()).uploads[0]?.files).toHaveLength(4);
  });
});

describe('the same reports give the same facts', () => {
  let once: Awaited<ReturnType<typeof factsOf>>;
  beforeAll(async () => {
    const { tenant, key } = await uploader();
    await send(await packKoku(reports.manifest, reports.files), { key });
    once = await factsOf(tenant);
    expect(once.map(({ kind }) => kind)).toEqual(['namespace', 'node', 'pod', 'storage']);
  });

  test('sent twice; the second time every file is skipped', async () => {
    const { tenant, key } = await uploader();
    const archive = await packKoku(reports.manifest, reports.files);
    await send(archive, { key });
    const { status, body } = await send(archive, { key });
    expect([status, ...body.files.map((file) => file.status)]).toEqual([
      202,
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(await factsOf(tenant)).toEqual(once);
  });

  test('sent one file an archive, in any order, and at once', async () => {
    const orders = [
      ['pod', 'node', 'namespace', 'storage'],
      ['storage', 'namespace', 'node', 'pod'],
      ['node', 'pod', 'node', 'storage', 'namespace'],
    ];
    for (const order of orders) {
      const { tenant, key } = await uploader();
      for (const kind of order) {
        const { status } = await send(await packKoku(reports.manifest, named(`-${kind}-`)), { key });
        expect(status).toBe(202);
      }
      expect(await factsOf(tenant), order.join()).toEqual(once);
    }
    const { tenant, key } = await uploader();
    const archives = await Promise.all((orders[0] ?? []).map((kind) => packKoku(reports.manifest, named(`-${kind}-`))));
    const replies = await Promise.all(archives.map((archive) => send(archive, { key })));
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(await factsOf(tenant)).toEqual(once);
  });

  test('sent with a new manifest, and the row that was corrected is corrected', async () => {
    const { tenant, key } = await uploader();
    await send(await packKoku(reports.manifest, reports.files), { key });
    const later = {
      ...reports.manifest,
      uuid: crypto.randomUUID(),
      date: new Date(Date.parse(reports.manifest.date) + HOUR_MS).toISOString(),
    };
    expect(
      (await send(await packKoku(later, reports.files), { key })).body.files.map(({ status }) => status),
    ).not.toContain('skipped');
    expect(await factsOf(tenant)).toEqual(once);
    const corrected = new Map(
      [...reports.files].map(([name, text]) => [name, text.replaceAll(/,i-0[0-9a-f]+,/g, ',i-corrected,')]),
    );
    const latest = {
      ...later,
      uuid: crypto.randomUUID(),
      date: new Date(Date.parse(later.date) + HOUR_MS).toISOString(),
    };
    await send(await packKoku(latest, corrected), { key });
    const kinds = (await factsOf(tenant)).filter(({ digest }, i) => digest !== once[i]?.digest).map(({ kind }) => kind);
    expect(kinds).toEqual(['node']);
    await send(await packKoku(reports.manifest, reports.files), { key }); // late, and out of date
    expect(
      (await factsOf(tenant)).filter(({ digest }, i) => digest !== once[i]?.digest).map(({ kind }) => kind),
    ).toEqual(['node']);
  });
});

describe('what became of an upload', () => {
  test('is told by uuid, over all its archives, to its own tenant alone', async () => {
    const { tenant, key } = await uploader();
    const ask = async (by: string) => {
      const response = await fetch(`${server.url}/v1/uploads/${reports.manifest.uuid}`, {
        headers: { 'x-api-key': by },
      });
      if (response.status === 404) return null;
      return UploadStatus.parse(await response.json()).uploads[0] ?? null;
    };
    const statuses = (upload: Awaited<ReturnType<typeof ask>>) => upload?.files.map(({ status }) => status).toSorted();
    expect(await ask(key)).toBeNull();
    await send(await packKoku(reports.manifest, named('-pod-')), { key });
    const half = await ask(key);
    expect(half).toMatchObject({ cluster: 'small', complete: false });
    expect(statuses(half)).toEqual(['missing', 'missing', 'missing', 'taken']);
    await send(await packKoku(reports.manifest, new Map([...named('-n'), ...named('-storage-')])), { key });
    const whole = await ask(await server.key(tenant, ['read']));
    expect(whole).toMatchObject({ complete: true });
    expect(statuses(whole)).toEqual(['taken', 'taken', 'taken', 'taken']);
    expect(await ask((await uploader()).key)).toBeNull();
    expect(await ask(await server.key(tenant, ['ingest'], 'other'))).toBeNull();
  });

  test('names a file that the manifest does not list, and one that is not a report, beside those that were taken', async () => {
    const { key } = await uploader();
    const manifest = { ...reports.manifest, files: [...reports.manifest.files, 'odd.csv'] };
    const files = new Map([...reports.files, ['stray.csv', 'a,b\n1,2'], ['odd.csv', 'a,b\n1,2']]);
    const { status, body } = await send(await packKoku(manifest, files), { key });
    expect(status).toBe(202);
    expect(body.files.slice(-2)).toMatchObject([
      { name: 'stray.csv', status: 'skipped', reason: 'the manifest does not list it' },
      { name: 'odd.csv', status: 'refused', reason: expect.stringContaining('unknown columns a, b') },
    ]);
  });

  test('has the same uuid for the same archive where its manifest has none', async () => {
    const { key } = await uploader();
    const { uuid: _uuid, ...manifest } = reports.manifest;
    const archive = await packKoku(manifest, reports.files);
    const [first, second] = [await send(archive, { key }), await send(archive, { key })];
    expect(second.body.uuid).toBe(first.body.uuid);
    expect(second.body.files[0]?.status).toBe('skipped');
  });
});

describe('the cluster of an upload', () => {
  const archive = (cluster_id: string, name?: string) =>
    packKoku(
      { ...reports.manifest, uuid: crypto.randomUUID(), cluster_id, cr_status: { source: { name } } },
      reports.files,
    );

  test('is found by the id its operator gives, and made, adopted or told apart by name', async () => {
    const { tenant, key } = await uploader();
    const made = await server.deps.clusters.resolve(tenant, 'east', NOW);
    const f = async (id: string, name: string | undefined) => (await send(await archive(id, name), { key })).body;
    expect(await f('my-ocp-cluster-1', 'east')).toMatchObject({ cluster: 'east', cluster_id: made.id });
    expect(await f('my-ocp-cluster-1', 'renamed')).toMatchObject({ cluster: 'east', cluster_id: made.id });
    const other = await f('0123456789', 'east');
    expect(other.cluster).toBe('east (01234567)');
    expect(await f('0123456789', undefined)).toMatchObject({ cluster_id: other.cluster_id });
    expect((await f('unnamed', undefined)).cluster).toBe('unnamed');
    const listed = await server.deps.clusters.list(tenant);
    expect(listed.map(({ name, externalId }) => [name, externalId])).toEqual([
      ['east', 'my-ocp-cluster-1'],
      ['east (01234567)', '0123456789'],
      ['unnamed', 'unnamed'],
    ]);
  });

  test('is the one its key is bound to, from its first upload on by one id', async () => {
    const { key, tenant } = await uploader('west');
    expect(await send(await archive('id-1', 'north'), { key })).toMatchObject({
      status: 403,
      body: {
        code: 'cluster_mismatch',
        message: expect.stringMatching(/"west".*id-1, named "north"\. Send it with a key/),
      },
    });
    expect(await send(await archive('id-1'), { key })).toMatchObject({ status: 202, body: { cluster: 'west' } });
    expect(await send(await archive('id-2'), { key })).toMatchObject({ status: 403 });
    expect(await send(await archive('id-1', 'north'), { key })).toMatchObject({
      status: 202,
      body: { cluster: 'west' },
    });
    const south = await server.key(tenant, ['ingest'], 'south');
    expect(await send(await archive('id-1'), { key: south })).toMatchObject({ status: 403 });
  });
});

describe('who may upload', () => {
  test('is who has a key with the scope for it; nobody else', async () => {
    const { tenant } = await uploader();
    const archive = await packKoku(reports.manifest, reports.files);
    expect((await send(archive, {})).status).toBe(401);
    expect((await send(archive, { key: await server.key(tenant, ['read']) })).status).toBe(403);
  });

  test('is also who has none, for one tenant, where that is configured; a wrong key is still wrong', async () => {
    const anyone: Principal = { tenantId: '', keyId: 'anonymous', scopes: ['ingest'], clusterId: null };
    let tenantId = '';
    const open = await startTestServer({ deps: { anonymous: { uploads: async () => ({ ...anyone, tenantId }) } } });
    try {
      tenantId = await open.tenant();
      const archive = await packKoku(reports.manifest, reports.files);
      expect((await send(archive, { to: open })).status).toBe(202);
      expect((await factsOf(tenantId, open)).length).toBe(4);
      expect((await send(archive, { to: open, key: 'wrong' })).status).toBe(401);
      expect((await fetch(`${open.url}/v1/uploads/${reports.manifest.uuid}`)).status).toBe(401);
      expect((await fetch(`${open.url}/v1/clusters`)).status).toBe(401);
    } finally {
      await open.close();
    }
  });
});

/** An upload that never comes to its end. */
function halfUpload({ url }: TestServer, key: string, upTo: 'head' | 'part' = 'part') {
  const head = `POST ${UPLOAD} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 99999\r\n\r\n--x`;
  const part = '\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it';
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(upTo === 'head' ? head : head + part);
  return socket;
}

/** 503 while too many uploads are under way; else 400, for it is none. */
async function knock({ url }: TestServer, key: string): Promise<number> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  return (await fetch(`${url}${UPLOAD}`, { method: 'POST', body: '{}', headers })).status;
}

test('one tenant’s slow senders, and its uploads that are read, hold up its own uploads alone', async () => {
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  let slow = '';
  const intake: Intake = {
    async accept({ tenant }) {
      if (tenant !== slow) return;
      held.resolve();
      await gate.promise;
    },
  };
  const busy = await startTestServer({ uploads: { concurrentMax: 2 }, deps: { intake } });
  try {
    slow = await busy.tenant();
    const key = await busy.key(slow, ['ingest']);
    const other = await busy.key(await busy.tenant(), ['ingest']);
    const archive = await packKoku(reports.manifest, reports.files);
    const reading = send(archive, { key, to: busy });
    await held.promise;
    const sockets = Array.from({ length: 3 }, () => halfUpload(busy, key)); // with the first: half of eight
    await waitFor(async () => (await knock(busy, key)) === 503);
    const refused = await send(archive, { key, to: busy });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '15']);
    expect((await send(archive, { key: other, to: busy })).status).toBe(202);
    for (const socket of sockets) socket.destroy();
    gate.resolve();
    expect((await reading).status).toBe(202);
  } finally {
    await busy.close();
  }
});

test('a sender that leaves half-way makes room for the next one', async () => {
  const small = await startTestServer({ uploads: { concurrentMax: 1 } });
  try {
    const key = await small.key(await small.tenant(), ['ingest']);
    for (const upTo of ['head', 'part'] as const) {
      const sockets = [halfUpload(small, key, upTo), halfUpload(small, key, upTo)];
      await waitFor(async () => (await knock(small, key)) === 503);
      for (const socket of sockets) socket.destroy();
      await waitFor(async () => (await knock(small, key)) === 400);
    }
  } finally {
    await small.close();
  }
});

describe.skipIf(!hasFixtures)('real uploads (../shared/fixtures)', () => {
  let then: TestServer;
  beforeAll(async () => {
    then = await startTestServer({ deps: { clock: { now: () => Date.UTC(2021, 6, 21) } } });
  });
  afterAll(() => then.close());
  const fixture = (path: string) => readFile(new URL(path, FIXTURES));

  test('of 2021 is taken whole: 602 pods, those without usage among them, on 5 nodes', async () => {
    const tenant = await then.tenant();
    const key = await then.key(tenant, ['ingest']);
    const { status, body } = await send(await fixture('koku-operator/20210720T180121-cost-mgmt.tar.gz'), {
      key,
      to: then,
    });
    expect(status).toBe(202);
    expect(body.files.map(({ kind, rows_taken, rows_refused }) => [kind, rows_taken, rows_refused])).toEqual([
      ['namespace', 183, 0],
      ['node', 15, 0],
      ['pod', 602, 0],
      ['storage', 6, 0],
    ]);
    expect((await factsOf(tenant, then)).map(({ kind, facts }) => [kind, facts])).toEqual([
      ['namespace', 183],
      ['node', 15],
      ['pod', 602],
      ['storage', 6],
    ]);
  });

  test('that are broken are refused', async () => {
    const key = await then.key(await then.tenant(), ['ingest']);
    const f = async (path: string, error: RegExp) => {
      const { status, body } = await send(await fixture(path), { key, to: then });
      expect([status, body.error]).toEqual([400, expect.stringMatching(error)]);
    };
    await f('koku-operator/badfile.tar.gz', /^Failed to process tar.gz: /);
    await f('koku/no_manifest.tar.gz', /^Failed to process tar.gz: no manifest.json found in tar archive$/);
  });

  test('of a time that the ledger does not keep say so, by row', async () => {
    const key = await server.key(await server.tenant(), ['ingest']);
    const { status, body } = await send(await fixture('koku/payload.tar.gz'), { key });
    expect([status, body.error]).toEqual([400, expect.stringMatching(/where the ledger begins/)]);
  });
});
