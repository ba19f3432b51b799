import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../lib/clock.ts';

/** One body on its way to the intake of a server. */
export interface Post {
  readonly path: string;
  readonly body: unknown;
}

export interface FeedOptions {
  readonly url: string;
  /** `key_id:secret` with the scope `ingest`. */
  readonly key: string;
  /** Posts under way at once. The server answers when rows are durable, so many callers share one insert. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onAcknowledged?: (posts: number) => void;
}

const ATTEMPTS_MAX = 20;
const RETRY_SECONDS_MAX = 5;

/**
 * Sends posts through the public HTTP intake, in order of their start, many at a time; resolves when each is acknowledged.
 * What the server asks to send again (429, 503) is sent again after the time it names; any other refusal is an error.
 */
export async function feed(posts: Iterable<Post>, options: FeedOptions): Promise<number> {
  const source = posts[Symbol.iterator]();
  let acknowledged = 0;
  const worker = async (): Promise<void> => {
    for (let next = source.next(); !next.done; next = source.next()) {
      options.signal.throwIfAborted();
      await send(next.value, options);
      acknowledged += 1;
      options.onAcknowledged?.(acknowledged);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return acknowledged;
}

async function send({ path, body }: Post, { url, key, signal }: FeedOptions): Promise<void> {
  const text = JSON.stringify(body);
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `ApiKey ${key}` },
      body: text,
      signal,
    });
    const reply = await response.text();
    if (response.ok) return;
    const again = response.status === 429 || response.status === 503;
    if (!again || attempt === ATTEMPTS_MAX) {
      throw new Error(`${path} answered ${response.status}: ${reply.slice(0, 300)}`);
    }
    const seconds = Math.min(Number(response.headers.get('retry-after') ?? 1), RETRY_SECONDS_MAX);
    await delay(seconds * SECOND_MS, undefined, { signal });
  }
}
