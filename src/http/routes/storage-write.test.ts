import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../test/support/listen.ts';
import { storedPoints } from '../../../test/support/points.ts';
import { encodeWrite, type SentSeries, writeHeaders } from '../../../test/support/remote-write.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { ConfigSchema } from '../../config/schema.ts';
import { AppError } from '../../lib/errors.ts';

const AT = Date.now() - 60_000;
const up: SentSeries = {
  labels: [
    ['__name__', 'up'],
    ['job', 'kubelet'],
  ],
  samples: [{ at: AT, value: 1 }],
};
const basic = (key: string) => `Basic ${Buffer.from(key).toString('base64')}`;

let server: TestServer;
let tenant: string;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await server.tenant();
  key = await server.key(tenant, ['ingest']);
});
afterAll(() => server.close());

interface Sent {
  readonly to?: TestServer;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

async function write({ to = server, headers, body = encodeWrite([up]) }: Sent) {
  const response = await to.app.inject({
    method: 'POST',
    url: '/storage/api/v2/write',
    payload: body,
    headers: { ...writeHeaders('1.0'), ...headers },
  });
  return { status: response.statusCode, text: response.body, headers: response.headers };
}

describe('the status says at which check a write failed, and nothing else does', () => {
  const account = () => ({ 'cloud-account-id': tenant });
  const right = () => ({ ...account(), authorization: basic(key) });
  const cases: [string, () => Promise<Sent> | Sent, number][] = [
    ['no account', () => ({ headers: { authorization: basic(key) } }), 400],
    ['no credentials', () => ({ headers: account() }), 400],
    ['neither, and no body that could be read', () => ({ headers: {}, body: Buffer.from('x') }), 400],
    ['an account that is no UUID', () => ({ headers: { ...right(), 'cloud-account-id': 'acme' } }), 422],
    ['an account that nobody has', () => ({ headers: { ...right(), 'cloud-account-id': randomUUID() } }), 422],
    [
      'an account without a key',
      async () => ({ headers: { ...right(), 'cloud-account-id': await server.tenant() } }),
      422,
    ],
    ['credentials of nobody', () => ({ headers: { ...account(), authorization: 'Basic eDp5' } }), 401],
    ['no Basic credentials', () => ({ headers: { ...account(), authorization: 'x' } }), 401],
    [
      'credentials of another account',
      async () => ({
        headers: { ...account(), authorization: basic(await server.key(await server.tenant(), ['ingest'])) },
      }),
      401,
    ],
    [
      'a key that may only read',
      async () => ({ headers: { ...account(), authorization: basic(await server.key(tenant, ['read'])) } }),
      401,
    ],
    ['a body that is not snappy', () => ({ headers: right(), body: Buffer.from('x') }), 400],
    ['all as it should be', () => ({ headers: right() }), 204],
  ];
  test.each(cases)('%s', async (_, sent, status) => {
    const answer = await write(await sent());
    expect([answer.status, answer.text]).toEqual([status, '']);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic' : undefined);
  });

  test('a store that is away is 503, and to be tried again', async () => {
    const intake = {
      accept: async () => {
        throw new AppError('intake_full', 'full', { retryAfterSeconds: 7 });
      },
    };
    const full = await startTestServer({ deps: { intake } });
    const account = await full.tenant();
    const headers = { 'cloud-account-id': account, authorization: basic(await full.key(account, ['ingest'])) };
    const answer = await write({ to: full, headers });
    expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([503, '', '7']);
    await full.close();
  });
});

test('an account writes to the cluster that its series name, or to the default one', async () => {
  const account = await server.tenant();
  const headers = {
    'cloud-account-id': account.toUpperCase(),
    authorization: basic(await server.key(account, ['ingest'])),
  };
  expect((await write({ headers })).status).toBe(204);
  expect(await storedPoints(server, account, 'default')).toHaveLength(1);
});

describe('with a Thanos Receive behind it', () => {
  const received: { body: Buffer; headers: IncomingHttpHeaders }[] = [];
  const answers = { status: 200, text: 'ok', hang: false };
  const upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ body: Buffer.concat(chunks), headers: request.headers });
      if (!answers.hang) response.writeHead(answers.status, { 'content-type': 'text/plain' }).end(answers.text);
    });
  });
  let forwarding: TestServer;
  let account: string;
  let headers: Record<string, string>;
  beforeAll(async () => {
    const url = `http://127.0.0.1:${await listen(upstream)}/api/v1/receive`;
    const settings = ConfigSchema.parse({ remoteWrite: { forward: { url, timeoutMs: 300 } } });
    forwarding = await startTestServer({ deps: { settings } });
    account = await forwarding.tenant();
    headers = { 'cloud-account-id': account, authorization: basic(await forwarding.key(account, ['ingest'])) };
  });
  afterAll(async () => {
    await forwarding.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  test('the body goes on as it came, with the account and without the credentials', async () => {
    const body = encodeWrite([up]);
    const answer = await write({ to: forwarding, headers, body });
    expect([answer.status, answer.text]).toEqual([200, 'ok']);
    expect(received.at(-1)?.body).toEqual(body);
    expect(received.at(-1)?.headers).toMatchObject({ 'cloud-account-id': account, 'content-encoding': 'snappy' });
    expect(received.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(await storedPoints(forwarding, account, 'default')).toHaveLength(1);
  });

  test('what it says is what the sender is told', async () => {
    Object.assign(answers, { status: 409, text: 'out of order' });
    const answer = await write({ to: forwarding, headers });
    expect([answer.status, answer.text]).toEqual([409, 'out of order']);
  });

  test('one that does not answer is 503, and the body is durable here all the same', async () => {
    answers.hang = true;
    const later: SentSeries = { ...up, samples: [{ at: AT + 1, value: 2 }] };
    const answer = await write({ to: forwarding, headers, body: encodeWrite([later]) });
    expect([answer.status, answer.text]).toEqual([503, '']);
    expect(await storedPoints(forwarding, account, 'default')).toHaveLength(2);
  });
});
