/**
 * HTTP as collectors need it, on Node's own client: `fetch` would cost a node's collector a fifth of its memory.
 *
 * Bounded in time (one limit for the whole exchange) and in the size of the answer. Redirects are not followed: the key is
 * for one server alone. Connections are kept, at most `connectionsMax` of them.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../lib/errors.ts';

export interface HttpClient {
  /** Resolves with any answer, whatever its status. Throws `upstream_unavailable` where there is none, and the signal's reason. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends kept connections. */
  close(): void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface HttpClientOptions {
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  readonly connectionsMax: number;
  /** PEM of who may sign the server's certificate; else whom Node trusts. */
  readonly ca?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
}

const IDLE_MS = 15_000;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pool = { keepAlive: true, maxSockets: options.connectionsMax, timeout: IDLE_MS };
  const http = new HttpAgent(pool);
  const https = new HttpsAgent({
    ...pool,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    rejectUnauthorized: options.insecure !== true,
  });
  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(options.timeoutMs);
      try {
        const response = await exchange(request, { http, https, signal: AbortSignal.any([signal, timeout]) });
        return {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: await readAll(response, options.answerBytesMax),
        };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof AppError) throw error;
        const reason = timeout.aborted ? `no answer within ${options.timeoutMs} ms` : reasonOf(error);
        throw new AppError('upstream_unavailable', `cannot reach ${request.url.origin}: ${reason}`, { cause: error });
      }
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

interface Exchange {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  readonly signal: AbortSignal;
}

function exchange({ method, url, headers, body }: HttpRequest, { http, https, signal }: Exchange) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const options = { method, headers: { ...headers, ...length }, signal };
  const request =
    url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: https })
      : httpRequest(url, { ...options, agent: http });
  request.once('response', resolve);
  request.on('error', reject); // more than one may come: after the answer too
  request.end(body);
  return promise;
}

async function readAll(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > bytesMax) {
      response.destroy();
      throw new AppError('upstream_unavailable', `cannot read an answer of more than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A refused connection on several addresses has a code and no message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
