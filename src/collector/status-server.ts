import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small HTTP server of our own: what a node's collector can afford. */
export interface SmallServer {
  readonly url: string;
  /** Takes no more requests, and resolves when those under way are answered. */
  close(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly body: string | object;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Null where there is no such path; what is thrown is answered with 500 and goes no further. */
export type Answer = (request: IncomingMessage, path: string) => Promise<Reply | null> | Reply | null;

export interface SmallServerOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: Answer;
  readonly onError: (error: unknown) => void;
}

const CONNECTIONS_MAX = 4_096;
const REQUEST_MS_MAX = 30_000;
const HEADER_BYTES_MAX = 16 * 1_024;

/** Rejects where it cannot listen. */
export async function startSmallServer({ host, port, answer, onError }: SmallServerOptions): Promise<SmallServer> {
  const server = createServer(
    { requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX, maxHeaderSize: HEADER_BYTES_MAX },
    (request, response) => void respond(request, response, { answer, onError }),
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server), close: () => closeServer(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, onError }: Pick<SmallServerOptions, 'answer' | 'onError'>,
): Promise<void> {
  let reply: Reply | null;
  try {
    const [path = '/'] = (request.url ?? '/').split('?');
    reply = await answer(request, path);
  } catch (error) {
    onError(error);
    reply = { status: 500, body: { error: 'internal', message: 'cannot answer; the log says why' } };
  }
  const { status, body, contentType, headers = {} } = reply ?? { status: 404, body: { error: 'not_found' } };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  // What was not read of a body would be taken for the next request.
  const connection = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': contentType ?? 'application/json', ...headers, ...connection });
  response.end(text);
}

function urlOf(server: Server): string {
  const address = server.address();
  const { port, family, address: host } = isAddress(address) ? address : { port: 0, family: 'IPv4', address: '' };
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
