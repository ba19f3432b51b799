/**
 * One GET of an API of others, read as a stream. Whatever goes wrong is `upstream_unavailable` (it may work later) or
 * `upstream_refused` (a person must look), and says what was asked of whom; never with a header, which may hold a secret.
 *
 * Redirects are followed within the same origin only: credentials go nowhere else, and a page to log in at is not an answer.
 */
import { HOUR_MS, SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { withoutSecrets } from '../without-secrets.ts';

export interface UpstreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly limits: UpstreamLimits;
}

export interface UpstreamLimits {
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly bodyBytesMax: number;
}

const REDIRECTS_MAX = 3;
const RETRY_AFTER_SECONDS = 30;
const RETRY_AFTER_SECONDS_MAX = HOUR_MS / SECOND_MS;
/** Statuses that say "not now"; other errors say "not so". */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The bytes of a successful answer. Throws AppError; where `signal` ends it, its reason. */
export async function* getBody(request: UpstreamRequest): AsyncGenerator<Uint8Array> {
  const { signal, limits } = request;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const watched = <T>(work: Promise<T>, timeoutMs: number) => watch(work, { timeoutMs, stop, request });
  try {
    const response = await watched(open({ ...request, signal: both }), limits.timeoutMs);
    if (!response.body) return;
    const reader = response.body.getReader();
    let bytes = 0;
    for (;;) {
      const { done, value } = await watched(reader.read(), limits.stallTimeoutMs);
      if (done) return;
      bytes += value.length;
      if (bytes > limits.bodyBytesMax) {
        throw refused(request.url, `answered with more than ${limits.bodyBytesMax} bytes`, 'too-large');
      }
      yield value;
    }
  } finally {
    stop.abort(); // ends the connection where the answer was not read to its end
  }
}

interface Watch {
  readonly timeoutMs: number;
  readonly stop: AbortController;
  readonly request: UpstreamRequest;
}

/** The outcome of `work`, unless it takes too long; failures of the connection become AppErrors. */
async function watch<T>(work: Promise<T>, { timeoutMs, stop, request: { url, signal } }: Watch): Promise<T> {
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof AppError) throw error;
    const late = `did not answer within ${timeoutMs / SECOND_MS} s`;
    if (stop.signal.aborted) throw unavailable(url, late, { timedOut: true });
    throw unavailable(url, `cannot be read: ${causeOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function open({ url, headers, signal }: UpstreamRequest): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await fetch(at, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal,
    });
    if (!REDIRECTS.has(response.status)) return checked({ url, headers }, response);
    await response.body?.cancel();
    const next = URL.parse(response.headers.get('location') ?? '', at);
    if (next?.origin !== url.origin) {
      const target = !next ? 'nowhere' : next.origin === 'null' ? next.protocol : next.origin;
      throw refused(url, `redirects to ${target}, which is not followed`, 'redirect');
    }
    at = next;
  }
  throw refused(url, `redirects more than ${REDIRECTS_MAX} times`, 'redirect');
}

type Asked = Pick<UpstreamRequest, 'url' | 'headers'>;

async function checked({ url, headers }: Asked, response: Response): Promise<Response> {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && !/\bhtml\b/i.test(type)) return response;
  const message = response.ok ? '' : await firstWords(response, headers);
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) throw refused(url, 'answered with a page and not with JSON', 'page');
  const text = `answered ${status}${message === '' ? '' : `: ${message}`}`;
  if (!PASSING.has(status)) throw refused(url, text, String(status));
  const retryAfterSeconds = retryAfterOf(response);
  throw unavailable(url, text, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

const MESSAGE_CHARS_MAX = 200;
const MESSAGE_BYTES_MAX = 64 * 1_024;

/** The beginning of an error's text, in printable characters; `''` for pages. It may quote what it was sent. */
async function firstWords(response: Response, headers: Asked['headers']): Promise<string> {
  if (/\bhtml\b/i.test(response.headers.get('content-type') ?? '') || !response.body) return '';
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return withoutSecrets(Buffer.from(value ?? []).toString('utf8', 0, MESSAGE_BYTES_MAX), headers)
    .replaceAll(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, MESSAGE_CHARS_MAX);
}

/** Seconds, or a date by the server's own clock; undefined where it names none. */
function retryAfterOf(response: Response): number | undefined {
  const text = response.headers.get('retry-after');
  if (text === null) return undefined;
  const theirNow = Date.parse(response.headers.get('date') ?? '');
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - theirNow) / SECOND_MS);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), RETRY_AFTER_SECONDS_MAX);
}

/** `reason` tells refusals apart in `details`. */
export function refused(url: URL, text: string, reason: string): AppError {
  return new AppError('upstream_refused', `${addressOf(url)} ${text}`, { details: { reason } });
}

export function unavailable(
  url: URL,
  text: string,
  {
    retryAfterSeconds = RETRY_AFTER_SECONDS,
    timedOut = false,
  }: { retryAfterSeconds?: number; timedOut?: boolean } = {},
): AppError {
  return new AppError('upstream_unavailable', `${addressOf(url)} ${text}`, {
    retryAfterSeconds,
    details: { timedOut },
  });
}

/** Without the question, which is long, and without user and password. */
function addressOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** The code of a failed connection (`ECONNREFUSED`), which fetch hides in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return 'the connection failed';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message.slice(0, MESSAGE_CHARS_MAX);
}
