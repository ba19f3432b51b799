import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerErrors } from './errors.ts';
import { registerWeb } from './web.ts';

let folder: string;
let app: FastifyInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-web-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'S3CRET');
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Kubetally</title>');
  await writeFile(join(folder, 'dist', 'assets', 'main-4f2a.js'), 'export {};');
  app = Fastify();
  registerErrors(app);
  app.get('/v1/clusters', () => ({}));
  await registerWeb(app, join(folder, 'dist'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('the page and its own paths are one document that is always asked for anew', async () => {
  for (const url of ['/', '/?window=7d', '/clusters/east', '/index.html']) {
    const response = await app.inject({ url, headers: HTML });
    expect([response.statusCode, response.headers['cache-control']], url).toEqual([200, 'no-cache']);
    expect(response.headers['content-type']).toContain('text/html');
    const again = await app.inject({ url, headers: { ...HTML, 'if-none-match': String(response.headers.etag) } });
    expect(again.statusCode, url).toBe(304);
  }
});

test('what has its content in its name is kept for good', async () => {
  const response = await app.inject({ url: '/assets/main-4f2a.js' });
  expect(response.statusCode).toBe(200);
  expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('nothing outside the folder is served, and a mistake on the API is told as one', async () => {
  const f = async (url: string, status: number) => {
    const response = await app.inject({ url, headers: HTML });
    expect(response.statusCode, url).toBe(status);
    expect(response.body).not.toContain('S3CRET');
  };
  await f('/v1/nothing', 404);
  await f('/api/nothing', 404);
  await f('/metrics/nothing', 404);
  await f('/assets/gone.js', 404);
  await f('/..%2fsecret.txt', 404);
  await f('/assets/..%2f..%2fsecret.txt', 404);
  await f('/%2e%2e/secret.txt', 404);
  await f('/assets/%00.js', 404);
});

test('a page that is not built says what to do', async () => {
  const bare = Fastify();
  registerErrors(bare);
  await registerWeb(bare, join(folder, 'nowhere'));
  const response = await bare.inject({ url: '/' });
  expect([response.statusCode, response.json().detail]).toEqual([404, expect.stringContaining('npm run build')]);
});
