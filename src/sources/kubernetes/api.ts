import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { type Credentials, type CredentialsSource, loadCredentials } from './credentials.ts';
import { readLines, readText } from './response-text.ts';

/**
 * Reading a Kubernetes API, and only that: GET over verified TLS. Redirects are not followed. When the API does not know
 * us any more (401), or cannot be reached, the credentials are read anew: tokens and certificates are replaced in place.
 *
 * Throws `upstream_unavailable` (try again) or `upstream_refused` (a person must look), both with the HTTP status in
 * `details.status` where there was one. `debug` gets method, path, status and time of each request: never a query, a
 * header or a body.
 */
export interface KubernetesApi {
  /** One JSON document of at most `PAGE_BYTES_MAX`. */
  get(target: ApiTarget, signal: AbortSignal): Promise<unknown>;
  /**
   * Resolves when the API has agreed to a watch, with its lines as they come, for at most `lifeMs`. A line that the
   * connection's end cut short is not given.
   */
  watch(target: ApiTarget & { readonly lifeMs: number }, signal: AbortSignal): Promise<AsyncIterable<string>>;
}

export interface ApiTarget {
  /** `/api/v1/pods`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept: string;
}

export interface KubernetesApiDeps {
  readonly credentials: CredentialsSource;
  /** Set where requests are to be logged (`debugKubernetesApi`). */
  readonly debug?: Pick<Logger, 'info'> | undefined;
}

/** A page of 250 objects; an object of Kubernetes is at most 1.5 MB, and usually some 10 KB. */
const PAGE_BYTES_MAX = 64 * 2 ** 20;
/** One object, and what JSON adds to it. */
const LINE_CHARS_MAX = 8 * 2 ** 20;
const ERROR_BYTES_MAX = 64 * 2 ** 10;
const MESSAGE_CHARS_MAX = 300;
/** To connect, and to hear the first of an answer. */
const ANSWER_TIMEOUT_MS = 30 * SECOND_MS;
/** To hear all of a page. */
const PAGE_TIMEOUT_MS = 60 * SECOND_MS;

export function createKubernetesApi(deps: KubernetesApiDeps): KubernetesApi {
  return new HttpsApi(deps);
}

/** The HTTP status that an error of the API came with. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof AppError ? error.details?.['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

class HttpsApi implements KubernetesApi {
  readonly #deps: KubernetesApiDeps;
  #credentials: Promise<Credentials> | undefined;

  constructor(deps: KubernetesApiDeps) {
    this.#deps = deps;
  }

  async get(target: ApiTarget, signal: AbortSignal): Promise<unknown> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]);
    const response = await this.#open(target, limited);
    const text = await readText(response, PAGE_BYTES_MAX);
    try {
      return JSON.parse(text);
    } catch {
      throw new AppError('upstream_unavailable', `cannot read the answer to GET ${target.path}: it is not JSON`);
    }
  }

  async watch(target: ApiTarget & { readonly lifeMs: number }, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(target.lifeMs)]);
    return readLines(await this.#open(target, limited), LINE_CHARS_MAX);
  }

  /** The answer to a GET, its status 200. Asks once more with new credentials where the API does not know the old ones. */
  async #open(target: ApiTarget, signal: AbortSignal): Promise<IncomingMessage> {
    const known = this.#credentials;
    const first = await this.#send(target, signal);
    if (first.statusCode !== 401 || known === undefined) return this.#checked(target, first);
    first.destroy();
    this.#credentials = undefined;
    return this.#checked(target, await this.#send(target, signal));
  }

  async #send(target: ApiTarget, signal: AbortSignal): Promise<IncomingMessage> {
    const began = performance.now();
    try {
      this.#credentials ??= loadCredentials(this.#deps.credentials);
      const { server, requestOptions } = await this.#credentials;
      const options = await requestOptions();
      const url = new URL(`${server}${target.path}?${new URLSearchParams(target.query).toString()}`);
      const response = await answerOf(
        url,
        { ...options, headers: { ...options.headers, accept: target.accept } },
        signal,
      );
      this.#logged(target, began, response.statusCode ?? 0);
      return response;
    } catch (error) {
      this.#credentials = undefined;
      this.#logged(target, began, 0);
      if (error instanceof AppError) throw error;
      const reason = signal.aborted ? 'no answer in time' : reasonOf(error);
      throw new AppError('upstream_unavailable', `cannot reach the Kubernetes API for GET ${target.path}: ${reason}`);
    }
  }

  async #checked({ path }: ApiTarget, response: IncomingMessage): Promise<IncomingMessage> {
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    const said = messageOf(await readText(response, ERROR_BYTES_MAX).catch(() => ''));
    const message = `the Kubernetes API answered ${status} to GET ${path}${said === '' ? '' : `: ${said}`}`;
    const seconds = Number(response.headers['retry-after']);
    throw new AppError(mayPass(status) ? 'upstream_unavailable' : 'upstream_refused', message, {
      details: { status },
      ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
    });
  }

  #logged({ path }: ApiTarget, began: number, status: number): void {
    const ms = Math.round(performance.now() - began);
    this.#deps.debug?.info({ method: 'GET', path, status, ms }, 'Kubernetes API');
  }
}

/** Gone and rate limits pass by themselves; a server's own fault may. */
function mayPass(status: number): boolean {
  return status >= 500 || status === 410 || status === 429 || status === 408;
}

function answerOf(url: URL, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ...options, method: 'GET', signal });
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), ANSWER_TIMEOUT_MS);
    request.on('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}

/** Why a connection failed, in the words of TLS and the network: these know nothing of what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  return 'code' in error && typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
}

/** What a Kubernetes Status says in words; nothing of any other body. */
function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : '';
    return typeof message === 'string' ? message.slice(0, MESSAGE_CHARS_MAX) : '';
  } catch {
    return '';
  }
}
