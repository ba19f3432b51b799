import compress from '@fastify/compress';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Smaller replies cost more to compress than to send. */
const COMPRESS_BYTES_MIN = 1_024;
const PREFLIGHT_SECONDS = 600;

const OWN_PAGE_ONLY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** What browsers are told: our page loads from us alone, only `corsOrigins` may call from theirs, replies are compressed. */
export async function registerBrowser(
  app: FastifyInstance,
  options: { corsOrigins: readonly string[] },
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: OWN_PAGE_ONLY },
    strictTransportSecurity: false, // whoever terminates TLS in front of us knows whether it may be promised
  });
  await app.register(compress, { encodings: ['gzip'], threshold: COMPRESS_BYTES_MIN, globalDecompression: false });
  if (options.corsOrigins.length > 0) await registerCors(app, options.corsOrigins);
}

async function registerCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*') {
      route.config = { ...route.config, access: { open: 'browsers send preflights without keys' } };
    }
  });
  const options = {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'x-api-key',
      'content-type',
      'content-encoding',
      'if-none-match',
      'mcp-protocol-version',
    ],
    exposedHeaders: [
      'x-request-id',
      'etag',
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
    ],
    maxAge: PREFLIGHT_SECONDS,
  };
  await app.register(cors, {
    delegator(request: FastifyRequest, callback: (error: Error | null, options: FastifyCorsOptions) => void) {
      // An OPTIONS that is no preflight is answered like any other.
      callback(null, { ...options, preflight: request.headers['access-control-request-method'] !== undefined });
    },
  });
}
