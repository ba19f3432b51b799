import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../lib/clock.ts';

/** One delivery on its way to the intake of a server: JSON, bytes with headers that say what they are, or a form. */
export type Post = {
  readonly path: string;
  /** The instant it tells of. */
  readonly at?: number;
} & (
  | { readonly body: unknown }
  | { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> }
  | { readonly form: FormData }
);

export interface FeedOptions {
  readonly url: string;
  /** `key_id:secret` with the scope `ingest`. */
  readonly key: string;
  /** Posts under way at once. The server answers when rows are durable, so many callers share one insert. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onAcknowledged?: (post: Post) => void;
}

const ATTEMPTS_MAX = 20;
const RETRY_SECONDS_MAX = 5;

/**
 * Sends posts through the public HTTP intake, in order of their start, many at a time; resolves when each is acknowledged.
 * What the server asks to send again (429, 503) is sent again after the time it names; any other refusal is an error.
 */
export async function feed(posts: Iterable<Post> | AsyncIterable<Post>, options: FeedOptions): Promise<number> {
  const source = iteratorOf(posts);
  let acknowledged = 0;
  const worker = async (): Promise<void> => {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      options.signal.throwIfAborted();
      await send(next.value, options);
      acknowledged += 1;
      options.onAcknowledged?.(next.value);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return acknowledged;
}

function iteratorOf(posts: Iterable<Post> | AsyncIterable<Post>): Iterator<Post> | AsyncIterator<Post> {
  return Symbol.asyncIterator in posts ? posts[Symbol.asyncIterator]() : posts[Symbol.iterator]();
}

async function send(post: Post, { url, key, signal }: FeedOptions): Promise<void> {
  const { path } = post;
  const { body, headers } = payloadOf(post);
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { ...headers, authorization: `ApiKey ${key}` },
      body,
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

function payloadOf(post: Post): {
  body: string | Uint8Array<ArrayBuffer> | FormData;
  headers: Readonly<Record<string, string>>;
} {
  if ('form' in post) return { body: post.form, headers: {} };
  if ('bytes' in post) return { body: Uint8Array.from(post.bytes), headers: post.headers };
  return { body: JSON.stringify(post.body), headers: { 'content-type': 'application/json' } };
}
