import { SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { LIST } from './json-scanner.ts';
import type { RangeQuestion } from './selector.ts';

/**
 * The query API of Prometheus and of what speaks like it, one question at a time. An answer is bounded while it comes:
 * one that is too large is broken off, and asked for in smaller pieces by whoever asked.
 */
export interface QueryApiOptions {
  /** With its path prefix, without `/api/v1/query`. */
  readonly url: string;
  /** Sent with every question; their values are secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Longest time from the question to the last byte of its answer. */
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly samplesMax: number;
  /** Thanos and VictoriaMetrics: one series of several replicas; an answer that some stores did not take part in. */
  readonly dedup: boolean;
  readonly partialResponse: boolean;
}

export type QueryAnswer =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  /** Too much was asked at once: either side may have said so. */
  | { readonly kind: 'too-large'; readonly why: string }
  | { readonly kind: 'timeout'; readonly why: string };

/** Questions that are longer go as a form. */
const ADDRESS_CHARS_MAX = 1_800;
const ERROR_BYTES_MAX = 64 * 1_024;
const ERROR_CHARS_MAX = 300;
const RETRY_AFTER_SECONDS_MAX = 3_600;
const REDIRECTS_MAX = 3;
/** Each series has a list around its points. */
const LISTS_PER_POINT_MAX = 2;
const LISTS_BESIDE_MAX = 10;

/** How Prometheus, Thanos, Mimir and VictoriaMetrics say that a question loads more than they allow. */
const TOO_LARGE =
  /too many (samples|chunks|series|points)|exceed|max-(samples|chunks|series|estimated)|too large|limit/i;
const TIMED_OUT = /timed? ?out|deadline/i;

/**
 * Asks. Throws `upstream_unavailable` where asking again later may help, `upstream_refused` where a person must look, and
 * the signal's reason where it fires.
 */
export async function ask(
  question: RangeQuestion,
  options: QueryApiOptions,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const both = AbortSignal.any([signal, timeout]);
  try {
    return await answerOf(await send(question, options, both), options);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { kind: 'timeout', why: `no whole answer within ${options.timeoutMs} ms` };
    if (error instanceof AppError) throw error;
    throw new AppError('upstream_unavailable', `cannot ask ${originOf(options.url)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function send(question: RangeQuestion, options: QueryApiOptions, signal: AbortSignal): Promise<Response> {
  const form = new URLSearchParams({
    query: question.query,
    time: question.time,
    timeout: `${Math.ceil(options.timeoutMs / SECOND_MS)}s`,
    dedup: String(options.dedup),
    partial_response: String(options.partialResponse),
    ...(options.partialResponse ? {} : { deny_partial_response: '1' }),
  });
  let url = new URL(`${options.url.replace(/\/+$/, '')}/api/v1/query`);
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    const response = await fetch(...requestOf(url, form, { headers: options.headers, signal }));
    if (response.status < 300 || response.status > 399) return response;
    await response.body?.cancel();
    url = redirected(url, response.headers.get('location'));
  }
  throw new AppError('upstream_refused', `${url.origin} redirects more than ${REDIRECTS_MAX} times`);
}

function requestOf(
  url: URL,
  form: URLSearchParams,
  { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
): [URL, RequestInit] {
  const common = { headers: { ...headers, Accept: 'application/json' }, signal, redirect: 'manual' as const };
  const address = new URL(url);
  address.search = form.toString();
  if (address.href.length <= ADDRESS_CHARS_MAX) return [address, common];
  return [url, { ...common, method: 'POST', body: form }];
}

/** Credentials go to the host that they were given for, and to no other. */
function redirected(from: URL, location: string | null): URL {
  const to = URL.parse(location ?? '', from);
  if (to?.origin !== from.origin) {
    const target = !to ? 'nowhere' : to.origin === 'null' ? to.protocol : to.origin;
    throw new AppError(
      'upstream_refused',
      `${from.origin} redirects to ${target}: set its own address as the pull's url`,
    );
  }
  to.search = '';
  return to;
}

async function answerOf(response: Response, options: QueryApiOptions): Promise<QueryAnswer> {
  if (!response.ok) return await failureOf(response, options);
  const type = response.headers.get('content-type') ?? '';
  if (!/json/i.test(type)) {
    await response.body?.cancel();
    throw new AppError(
      'upstream_refused',
      `${originOf(options.url)} answered ${type === '' ? 'without a content type' : type.slice(0, 100)} where JSON was asked for: is it a query API?`,
    );
  }
  return await bounded(response, options);
}

async function bounded({ body }: Response, { responseBytesMax, samplesMax }: QueryApiOptions): Promise<QueryAnswer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let lists = 0;
  const listsMax = samplesMax * LISTS_PER_POINT_MAX + LISTS_BESIDE_MAX;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    lists += listsIn(chunk);
    // Leaving the loop cancels the body.
    if (bytes > responseBytesMax) return { kind: 'too-large', why: `its answer is above ${responseBytesMax} bytes` };
    if (lists > listsMax) return { kind: 'too-large', why: `its answer has more than ${samplesMax} points` };
    chunks.push(chunk);
  }
  return { kind: 'text', bytes: Buffer.concat(chunks, bytes) };
}

/** Each point is a list in the text, and little else is: their number is known before anything is read. */
function listsIn(chunk: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < chunk.length; i += 1) if (chunk[i] === LIST) count += 1;
  return count;
}

async function failureOf(response: Response, { url, headers }: QueryApiOptions): Promise<QueryAnswer> {
  const { status } = response;
  const said = errorText(withoutSecrets(await firstBytes(response), headers));
  if (status === 413 || ((status === 422 || status === 400 || status === 500) && TOO_LARGE.test(said))) {
    return { kind: 'too-large', why: `it says: ${said}` };
  }
  if (status === 504 || (status >= 500 && TIMED_OUT.test(said))) return { kind: 'timeout', why: `it says: ${said}` };
  const message = `${originOf(url)} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 429 || status >= 500 || status === 408) {
    const retryAfterSeconds = retryAfter(response.headers.get('retry-after'));
    throw new AppError('upstream_unavailable', message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
  throw new AppError('upstream_refused', message);
}

async function firstBytes({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= ERROR_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What the upstream says went wrong, in one short line; a page of HTML says nothing. */
function errorText(body: string): string {
  const json = /^\s*\{/.test(body) ? (/"error"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? '') : '';
  const text = json !== '' ? json : /^\s*</.test(body) ? '' : body;
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, ERROR_CHARS_MAX);
}

/** Seconds. A date is not read: our clock and theirs may differ. No header makes us wait for more than an hour. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return undefined;
  return Math.min(Number(header), RETRY_AFTER_SECONDS_MAX);
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'the upstream';
}

/** Of a failed fetch, the cause says what happened: `ECONNREFUSED`, `other side closed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return code === '' || cause.message.includes(code) ? cause.message || code : `${code}: ${cause.message}`;
}
