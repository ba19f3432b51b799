import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { DEPTH_MAX, VALUES_MAX } from '../../lib/json-body.ts';
import { registerBody } from './body.ts';
import { registerErrors } from './errors.ts';

const WIRE_BYTES_MAX = 10_000;
const BYTES_MAX = 50_000;

const app = Fastify({ bodyLimit: WIRE_BYTES_MAX });
registerErrors(app);
registerBody(app, { decompressedBytesMax: BYTES_MAX });
app.post('/echo', (request) => ({ body: request.body ?? null }));

function post(payload: string | Uint8Array, headers: Record<string, string> = {}) {
  const body = typeof payload === 'string' ? payload : Buffer.from(payload);
  return app.inject({
    method: 'POST',
    url: '/echo',
    payload: body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

test('a body arrives as it was sent, however it was packed', async () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
  const packed = fc.constantFrom(
    ['identity', (text: string) => Buffer.from(text)] as const,
    ['gzip', (text: string) => gzipSync(text)] as const,
    ['GZIP', (text: string) => gzipSync(text)] as const,
    ['deflate', (text: string) => deflateSync(text)] as const,
    ['br', (text: string) => brotliCompressSync(text)] as const,
  );
  await fc.assert(
    fc.asyncProperty(json, packed, async (text, [encoding, pack]) => {
      fc.pre(!text.includes('__proto__') && text.length < WIRE_BYTES_MAX);
      const response = await post(pack(text), { 'content-encoding': encoding });
      expect(response.statusCode, text).toBe(200);
      expect(response.json().body).toEqual(JSON.parse(text));
    }),
  );
});

test('a body that cannot be taken is refused for what is wrong with it', async () => {
  const whole = gzipSync(JSON.stringify({ a: 'x'.repeat(1_000) }));
  const gzip = { 'content-encoding': 'gzip' };
  const f = async (payload: string | Uint8Array, headers: Record<string, string>, want: [number, string]) => {
    const response = await post(payload, headers);
    const { code } = response.json();
    expect([response.statusCode, code], `${String(payload).slice(0, 40)} ${JSON.stringify(headers)}`).toEqual(want);
  };
  await f('{"a":', {}, [400, 'invalid_payload']);
  await f('{"a":1}x', {}, [400, 'invalid_payload']);
  await f('{"__proto__":{"admin":true}}', {}, [400, 'invalid_payload']);
  await f('{"constructor":{"prototype":{"admin":true}}}', {}, [400, 'invalid_payload']);
  await f(Buffer.from([0x22, 0xff, 0x22]), {}, [400, 'invalid_payload']);
  await f('['.repeat(9_000), {}, [400, 'invalid_payload']);
  await f(`"${'x'.repeat(WIRE_BYTES_MAX)}"`, {}, [413, 'body_too_large']);
  await f('a=b', { 'content-type': 'application/x-www-form-urlencoded' }, [415, 'unsupported_media_type']);
  await f('{}', { 'content-type': 'text/plain' }, [415, 'unsupported_media_type']);
  await f('{}', { 'content-type': 'application/jsonp' }, [415, 'unsupported_media_type']);
  await f('{}', { 'content-type': ';;;' }, [415, 'unsupported_media_type']);
  await f('{}', gzip, [400, 'invalid_payload']);
  await f(whole.subarray(0, whole.length - 9), gzip, [400, 'invalid_payload']);
  await f(gzipSync('x'.repeat(BYTES_MAX + 1)), gzip, [413, 'body_too_large']);
  await f(gzipSync('x'.repeat(50_000_000)).subarray(0, 9_000), gzip, [413, 'body_too_large']);
  await f('{}', { 'content-encoding': 'zip' }, [415, 'unsupported_media_type']);
  await f(whole, { 'content-encoding': 'gzip, gzip' }, [415, 'unsupported_media_type']);
  await f('{}', { 'content-encoding': 'constructor' }, [415, 'unsupported_media_type']);
});

test('an empty body is no body', async () => {
  expect((await post('')).json()).toEqual({ body: null });
});

test('a body may nest so deep and no deeper; what stands in text does not count', async () => {
  const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
  const text = JSON.stringify({ a: `"\\${'[{'.repeat(DEPTH_MAX)}`, b: '\\', c: ['['.repeat(DEPTH_MAX)] });
  const beside = `[${'[],{},'.repeat(DEPTH_MAX)}1]`;
  for (const body of [nested(DEPTH_MAX), text, beside]) {
    expect((await post(body, { 'content-type': 'application/vnd.any+json; charset=utf-8' })).statusCode).toBe(200);
  }
  for (const body of [nested(DEPTH_MAX + 2), '['.repeat(DEPTH_MAX + 1), `{"a":"\\\\","b":${nested(DEPTH_MAX)}}`]) {
    const response = await post(body);
    expect(response.statusCode).toBe(400);
    expect(response.json().detail).toContain(String(DEPTH_MAX));
  }
});

test('the refusal of what is too large names the limit', async () => {
  const unpacked = await post(gzipSync('x'.repeat(BYTES_MAX + 1)), { 'content-encoding': 'gzip' });
  expect(unpacked.json().detail).toContain(String(BYTES_MAX));
  const wire = await post(`"${'x'.repeat(WIRE_BYTES_MAX)}"`);
  expect(wire.json()).toMatchObject({ detail: expect.stringContaining(String(WIRE_BYTES_MAX)) });
});

test('a body may have so many values and no more, however small it packs', async () => {
  const wide = Fastify();
  registerErrors(wide);
  registerBody(wide, { decompressedBytesMax: 3 * VALUES_MAX });
  wide.post('/wide', () => ({}));
  const send = (values: number) =>
    wide.inject({ method: 'POST', url: '/wide', headers: ENCODED, payload: gzipSync(`[${'1,'.repeat(values - 1)}1]`) });
  expect((await send(VALUES_MAX / 10)).statusCode).toBe(200);
  const refused = await send(VALUES_MAX + 1);
  expect([refused.statusCode, refused.json().detail]).toEqual([400, expect.stringContaining(String(VALUES_MAX))]);
});

const ENCODED = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
