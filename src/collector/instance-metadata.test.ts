import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../test/support/listen.ts';
import { createHttpClient } from './http-client.ts';
import { fetchInstanceId } from './instance-metadata.ts';

/** What this machine's metadata service says, by `method path`; 404 to all else. */
let answers: Record<string, string> = {};
let tokens: (string | undefined)[] = [];
let server: Server;
let service = '';

beforeEach(async () => {
  [answers, tokens] = [{}, []];
  server = createServer((request, response) => {
    const token = request.headers['x-aws-ec2-metadata-token'];
    if (request.method === 'GET') tokens.push(token === undefined ? undefined : String(token));
    const answer = answers[`${request.method} ${request.url}`];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  service = `http://127.0.0.1:${await listen(server)}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function ask(where = service): Promise<string | null> {
  const client = createHttpClient({ timeoutMs: 300, answerBytesMax: 1_000, connectionsMax: 1 });
  try {
    return await fetchInstanceId(client, where, new AbortController().signal);
  } finally {
    client.close();
  }
}

const ID = 'i-0123456789abcdef0';

test('the instance id comes by version 2 of the metadata service, with its token', async () => {
  answers = { 'PUT /latest/api/token': 'a token', 'GET /latest/meta-data/instance-id': ID };
  expect([await ask(), tokens]).toEqual([ID, ['a token']]);
});

test('by version 1 where there is no version 2', async () => {
  answers = { 'GET /latest/meta-data/instance-id': `${ID}\n` };
  expect([await ask(), tokens]).toEqual([ID, [undefined]]);
});

test('not at all where nothing answers, or something else does', async () => {
  expect(await ask()).toBeNull();
  answers = { 'GET /latest/meta-data/instance-id': '<html>a login page</html>' };
  expect(await ask()).toBeNull();
  expect(await ask('http://127.0.0.1:9')).toBeNull();
});
