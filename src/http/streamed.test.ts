import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../../test/support/wait-for.ts';
import { defineRoute } from '../contracts/route.ts';
import { LateArray, LazyArray } from '../lib/json-text.ts';
import { createRouteAdder } from './route.ts';
import { NotModified, Streamed } from './streamed.ts';

const ROWS = 50_000;
const Row = z.object({ name: z.string(), text: z.string() });
const rows = defineRoute({
  method: 'GET',
  url: '/rows',
  summary: 'Rows',
  open: 'it is a test',
  query: z.object({ as: z.string().optional() }),
  reply: z.object({ rows: z.array(Row) }),
});

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** How many rows were made so far, and whether nobody makes any more. */
interface Making {
  made: number;
  isOver: boolean;
}

async function serve({ checkReplies = false, fault = false } = {}) {
  const making: Making = { made: 0, isOver: false };
  const make = function* () {
    try {
      for (let index = 0; index < ROWS; index += 1) {
        making.made += 1;
        yield { name: `row ${index}`, text: 'x'.repeat(1_000) };
      }
    } finally {
      making.isOver = true;
    }
  };
  app = Fastify();
  const add = createRouteAdder(app, { checkReplies, requestTimeoutMs: 10_000 });
  add(rows, ({ query }) => {
    if (query.as === 'known') return new NotModified();
    if (query.as === 'text') return Streamed.as('text/plain', () => ['a', 'b']);
    return Streamed.json<z.infer<typeof rows.reply>>({ rows: new LazyArray(fault ? () => [] : make) });
  });
  return { making, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

describe('an answer that is written while it is sent', () => {
  test('arrives whole', async () => {
    const { url, making } = await serve();
    const response = await fetch(`${url}/rows`);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const answer = rows.reply.parse(await response.json());
    expect(answer.rows).toHaveLength(ROWS);
    expect(answer.rows.at(-1)?.name).toBe(`row ${ROWS - 1}`);
    expect(making).toEqual({ made: ROWS, isOver: true });
  });

  test('begins before it is made, and is made no faster than it is read', async () => {
    const { url, making } = await serve();
    const { port } = new URL(url);
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    try {
      socket.pause();
      socket.write('GET /rows HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let before = -1;
      await waitFor(() => {
        const isStill = making.made > 0 && making.made === before;
        before = making.made;
        return isStill;
      });
      expect(making.made).toBeLessThan(ROWS / 2); // what a connection holds, and no more
      expect(making.isOver).toBe(false);
      socket.resume();
      await waitFor(() => making.isOver);
      expect(making.made).toBe(ROWS);
    } finally {
      socket.destroy();
    }
  });

  test('is not made further once the caller has left', async () => {
    const { url, making } = await serve();
    const leaving = new AbortController();
    const response = await fetch(`${url}/rows`, { signal: leaving.signal });
    const first = await response.body?.getReader().read();
    expect(first?.value?.length).toBeGreaterThan(0);
    leaving.abort();
    await waitFor(() => making.isOver);
    expect(making.made).toBeLessThan(ROWS);
  });

  test('is held to its contract where replies are, in the format that the contract describes', async () => {
    const { url } = await serve({ checkReplies: true, fault: true });
    expect(await (await fetch(`${url}/rows`)).json()).toEqual({ rows: [] });
    expect(await (await fetch(`${url}/rows?as=text`)).text()).toBe('ab');
  });
});

describe('an answer of which parts are found while others are sent', () => {
  /** A first part that is longer than a connection's buffers, and another when it is let go on. */
  async function serveParts() {
    const second = Promise.withResolvers<z.infer<typeof Row>>();
    const parts = async function* () {
      for (let index = 0; index < 100; index += 1) yield { name: 'first', text: 'x'.repeat(10_000) };
      yield await second.promise;
    };
    app = Fastify();
    const add = createRouteAdder(app, { checkReplies: false, requestTimeoutMs: 200 });
    add(rows, () => Streamed.late<z.infer<typeof rows.reply>>({ rows: new LateArray(parts()) }));
    const response = await fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}/rows`);
    return { second, response };
  }

  test('begins with the first, and takes as long as it takes to find the others', async () => {
    const { second, response } = await serveParts();
    expect(response.status).toBe(200);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    expect(text).toMatch(/^\{"rows":\[\{"name":"first"/);
    await pause(400);
    second.resolve({ name: 'last', text: '' });
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) text += read.value;
    expect(rows.reply.parse(JSON.parse(text)).rows.at(-1)).toEqual({ name: 'last', text: '' });
  });

  test('breaks off where one cannot be found: a part is never taken for the whole', async () => {
    const { second, response } = await serveParts();
    expect(response.status).toBe(200);
    second.reject(new Error('the store is away'));
    await expect(response.text()).rejects.toThrow(TypeError);
  });
});

test('what the caller has is not sent again', async () => {
  const { url } = await serve();
  const response = await fetch(`${url}/rows?as=known`);
  expect(response.status).toBe(304);
  expect(await response.text()).toBe('');
});
