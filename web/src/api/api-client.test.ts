import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ApiClient, createApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { fetchNamespaceCosts } from './costs.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function failure(work: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError', { cause: error });
  return error;
}

test('the key goes into the header and parameters without a value stay away', async () => {
  const origin = await serve((request, response) =>
    reply(response, 200, { auth: request.headers.authorization, url: request.url }),
  );
  const seen = await createApiClient('id:secret').get(`${origin}/x`, { a: 1, b: undefined, c: 'ü&' });
  expect(seen).toEqual({ auth: 'Bearer id:secret', url: '/x?a=1&c=%C3%BC%26' });
});

test('a refusal carries the server’s own words, and a proxy’s page does not hide the status', async () => {
  const origin = await serve((request, response) => {
    if (request.url?.startsWith('/html')) response.writeHead(502).end('<h1>Bad gateway</h1>');
    else reply(response, 401, { error: 'api_key_expired', message: 'this key expired on 2026-01-01' });
  });
  const client = createApiClient('id:secret');
  const refused = await failure(client.get(`${origin}/json`, {}));
  expect([refused.code, refused.message, refused.keyRefused]).toEqual([
    'api_key_expired',
    'this key expired on 2026-01-01',
    true,
  ]);
  const proxied = await failure(client.get(`${origin}/html`, {}));
  expect([proxied.status, proxied.retryable, proxied.keyRefused]).toEqual([502, true, false]);
});

test('a server that is not there is told apart from one that refuses', async () => {
  const origin = await serve((request) => request.socket.destroy());
  expect((await failure(createApiClient('id:secret').get(origin, {}))).status).toBe(0);
});

test('namespaces are read to the last page', async () => {
  const names = Array.from({ length: 2_300 }, (_, index) => `ns-${index}`);
  const origin = await serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    const offset = Number(searchParams.get('offset'));
    const limit = Number(searchParams.get('limit'));
    const costs = names.slice(offset, offset + limit).map((namespace) => ({ namespace }));
    reply(response, 200, { pagination: { total: names.length, limit, offset }, costs });
  });
  const client = createApiClient('id:secret');
  const api: ApiClient = { get: (path, params, signal) => client.get(origin + path, params, signal) };
  const { costs } = await fetchNamespaceCosts(api, { window: { start: 0, end: 3_600_000 } });
  expect(costs.map((row) => row.namespace)).toEqual(names);
});
