import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../lib/errors.ts';

const ACCESS = { open: 'the page itself holds no data; what it asks for needs a key' } as const;
/** The bundler puts a hash of the content into the names of these, so they never change. */
const HASHED = /[\\/]assets[\\/][^\\/]+$/;
const FOREVER = 'public, max-age=31536000, immutable';
/** Paths that are the API's: a mistake there is told as such, not answered with the page. */
const API_PATH = /^\/(?:v\d|api|metrics|mcp|health|livez|readyz|openapi\.json)(?:\/|$)/;

/** The web page, from the folder it was built into. Its own paths (`/clusters/x`) all lead to the one document. */
export async function registerWeb(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { config: { access: ACCESS } }, () => {
      throw new AppError('not_found', 'the web page is not built; run "npm run build", or use the API: /openapi.json');
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    cacheControl: false,
    setHeaders: (reply, path) => void reply.header('cache-control', HASHED.test(path) ? FOREVER : 'no-cache'),
  });
  app.get('/*', { config: { access: ACCESS } }, (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    if (API_PATH.test(path)) return reply.callNotFound();
    return reply.sendFile(isPageOf(request, path) ? 'index.html' : path.slice(1));
  });
}

/** A path without a file's ending, asked for by a browser that wants a document. */
function isPageOf(request: FastifyRequest, path: string): boolean {
  if (path === '/') return true;
  return !/\.[a-z0-9]+$/i.test(path) && (request.headers.accept ?? '').includes('text/html');
}
