import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { EngineLimits, EngineUser } from '../messages.ts';
import { authenticate } from './auth.ts';
import { exceptionOf } from './exception.ts';
import { sendFailure } from './reply.ts';
import { readRequest } from './request.ts';
import type { Runner } from './runner.ts';

const HEADER_BYTES_MAX = 1 << 20; // parameters travel in the request line, as with ClickHouse
const CONNECTIONS_MAX = 256;
const KEEP_ALIVE_MS = 30_000;
const HEADERS_MS = 30_000;
const UPLOAD_MS = 600_000;

/** The ClickHouse HTTP interface over a runner. Not listening yet. */
export function createEngineServer(runner: Runner, users: readonly EngineUser[], limits: EngineLimits): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: UPLOAD_MS,
      noDelay: true,
    },
    (req, res) => {
      void handle(req, res).catch((error: unknown) => fail(req, res, error));
    },
  );
  server.maxConnections = CONNECTIONS_MAX;

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://engine');
    if (req.method !== 'GET' && req.method !== 'POST' && req.method !== 'HEAD') {
      return plain(res, 405, 'Use GET or POST\n');
    }
    if (url.pathname === '/ping' || url.pathname === '/replicas_status') return plain(res, 200, 'Ok.\n');
    if (url.pathname !== '/') return plain(res, 404, `There is no handle ${url.pathname}\n`);
    if (req.method !== 'POST' && !url.searchParams.has('query')) return plain(res, 200, 'Ok.\n');
    const user = authenticate(req, url.searchParams, users);
    const request = readRequest({ req, args: url.searchParams, user }, limits);
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort();
    });
    await runner.run(request, res, gone.signal);
  }
  return server;
}

/** Tells the client, where a reply has not begun; a body that nobody will read any more ends with its connection. */
function fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  if (!req.complete) res.setHeader('Connection', 'close');
  sendFailure(res, exceptionOf(error));
  if (!req.complete) req.unpipe().resume();
}

function plain(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}
