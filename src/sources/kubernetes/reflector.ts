import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Clock, HOUR_MS, SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { type KubernetesApi, statusOf } from './api.ts';
import type { WatchObserver } from './observer.ts';
import type { WatchedRecord } from './records.ts';
import type { Resource } from './resources.ts';
import { readEvent } from './watch-event.ts';

/**
 * A copy of all objects of one kind, kept by list and watch.
 *
 *     list, page by page ──▶ compare with what was known ──▶ watch from there ──▶ … ──▶ watch on, or list again
 *
 * - A watch that ends is taken up where it was: every event moves the place, bookmarks too.
 * - The list is read anew when the API has forgotten the place (410), when watching has failed `LIST_AFTER_FAILURES` times,
 *   and every `relistMs`. An event that cannot be read does not move the place: it is asked for again.
 * - Failures are waited out: twice as long each time, with jitter, `backoffMsMax` at most, longer where the API says so.
 * - The copy never waits for its handlers, and never empties while the API is away: it is then old, and says since when.
 */
export interface Reflector<T extends WatchedRecord> {
  readonly records: ReadonlyMap<string, T>;
  state(): ReflectorState;
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ReflectorState {
  /** Has been listed once. */
  readonly initialized: boolean;
  /** Since when it could not be listed or watched (milliseconds); `null` while all is well. */
  readonly failingSince: number | null;
  /** The last failure in words; `''` while all is well. */
  readonly problem: string;
}

export interface ReflectorHandler<T> {
  /** New, or changed since `previous`. */
  put?(record: T, previous: T | undefined): void;
  /** Deleted; `missed` where nobody saw it go and only a list tells. */
  gone?(record: T, missed: boolean): void;
}

export interface ReflectorDeps {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly observe: WatchObserver;
  readonly pace?: Partial<ReflectorPace>;
}

export interface ReflectorPace {
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  /** How long one watch may last; the API ends it then. */
  readonly watchSeconds: number;
  readonly relistMs: number;
}

export const REFLECTOR_PACE: ReflectorPace = {
  backoffMs: SECOND_MS,
  backoffMsMax: 300 * SECOND_MS,
  watchSeconds: 300,
  relistMs: HOUR_MS,
};

const PAGE_OBJECTS = 250;
/** Far more than Kubernetes can hold (its limit is some 300,000 pods): a list that never ends is none. */
const PAGES_MAX = 4_000;
const LIST_AFTER_FAILURES = 3;
/** A watch that lasted this long did its work, however it ended. */
const WATCH_SETTLED_MS = 10 * SECOND_MS;
/** What the API may be late with ending a watch; then the connection is taken to be dead. */
const WATCH_GRACE_MS = 30 * SECOND_MS;
/** Share by which a pause may be shorter, and a watch longer: many replicas must not come at once. */
const JITTER = 0.5;

const Page = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

export function createReflector<T extends WatchedRecord>(
  resource: Resource<T>,
  handler: ReflectorHandler<T>,
  { pace, ...deps }: ReflectorDeps,
): Reflector<T> {
  return new ListWatch(resource, handler, { ...deps, pace: { ...REFLECTOR_PACE, ...pace } });
}

class ListWatch<T extends WatchedRecord> implements Reflector<T> {
  readonly #resource: Resource<T>;
  readonly #handler: ReflectorHandler<T>;
  readonly #deps: ReflectorDeps & { readonly pace: ReflectorPace };
  readonly #records = new Map<string, T>();
  /** Where to watch on from; `''` where only a list can tell. */
  #version = '';
  #listedAt = 0;
  #failures = 0;
  /** The first one is logged, all are counted. */
  #toldUnreadable = false;
  #state: ReflectorState = { initialized: false, failingSince: null, problem: '' };

  constructor(
    resource: Resource<T>,
    handler: ReflectorHandler<T>,
    deps: ReflectorDeps & { readonly pace: ReflectorPace },
  ) {
    this.#resource = resource;
    this.#handler = handler;
    this.#deps = deps;
  }

  get records(): ReadonlyMap<string, T> {
    return this.#records;
  }

  state(): ReflectorState {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#rest(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, clock, observe } = this.#deps;
    const { name, path, metadataOnly } = this.#resource;
    const accept = metadataOnly
      ? 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
      : 'application/json';
    const listed = new Map<string, T>();
    let next = '';
    let version = '';
    for (let page = 0; page === 0 || next !== ''; page += 1) {
      if (page === PAGES_MAX) throw endless(name);
      const query = { limit: String(PAGE_OBJECTS), ...(next === '' ? {} : { continue: next }) };
      const { metadata, items } = this.#pageOf(await api.get({ path, query, accept }, signal));
      for (const item of items ?? []) {
        const record = this.#read(item);
        if (record) listed.set(record.uid, record);
      }
      next = metadata.continue ?? '';
      version = metadata.resourceVersion;
    }
    this.#replace(listed);
    this.#version = version;
    this.#listedAt = clock.now();
    this.#succeeded();
    observe.listed(name, listed.size);
  }

  #pageOf(answer: unknown) {
    const page = Page.safeParse(answer);
    if (page.success) return page.data;
    throw new AppError('upstream_unavailable', `cannot list ${this.#resource.name}: the answer is no list`);
  }

  /** New ones first: whoever hears that a pod is gone can see that another came in its place. */
  #replace(listed: ReadonlyMap<string, T>): void {
    const missing = [...this.#records.values()].filter(({ uid }) => !listed.has(uid));
    for (const record of listed.values()) this.#put(record);
    for (const record of missing) this.#remove(record, true);
  }

  /** Until the API ends the watch, or a new list is due. Throws where it failed. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { api, clock, pace } = this.#deps;
    const { path, metadataOnly } = this.#resource;
    const seconds = Math.ceil(pace.watchSeconds * (1 + Math.random() * JITTER));
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version,
      timeoutSeconds: String(seconds),
    };
    const accept = metadataOnly ? 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' : 'application/json';
    const lifeMs = seconds * SECOND_MS + WATCH_GRACE_MS;
    const began = clock.now();
    try {
      const lines = await api.watch({ path, query, accept, lifeMs }, signal);
      this.#succeeded();
      for await (const line of lines) this.#apply(line);
    } catch (error) {
      // A connection that broke after long service is taken up again at once, as one that ended.
      if (clock.now() - began < WATCH_SETTLED_MS || statusOf(error) !== undefined) throw error;
    }
    if (clock.now() - began >= WATCH_SETTLED_MS) this.#failures = 0;
    else if (!signal.aborted) throw new AppError('upstream_unavailable', 'the watch ended as soon as it began');
    if (clock.now() - this.#listedAt >= pace.relistMs) this.#version = '';
  }

  #apply(line: string): void {
    const event = readEvent(line);
    if (event.type === 'BOOKMARK') {
      this.#version = event.version;
      return;
    }
    const record = this.#read(event.object);
    if (record && event.type === 'DELETED') this.#remove(record, false);
    else if (record) this.#put(record);
    this.#version = event.version;
    this.#failures = 0;
  }

  #put(record: T): void {
    const previous = this.#records.get(record.uid);
    this.#records.set(record.uid, record);
    this.#handler.put?.(record, previous);
  }

  #remove(record: T, missed: boolean): void {
    const previous = this.#records.get(record.uid);
    if (missed) this.#deps.observe.missedDeletion(this.#resource.name);
    else this.#handler.put?.(record, previous); // its last state
    this.#records.delete(record.uid);
    this.#handler.gone?.(record, missed);
  }

  #read(object: unknown): T | undefined {
    try {
      return this.#resource.read(object);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const { observe, log } = this.#deps;
      const { name: resource } = this.#resource;
      observe.unreadable(resource);
      const [issue] = error.issues;
      if (!this.#toldUnreadable) log.warn({ resource, field: issue?.path.join('.') }, 'an object cannot be read');
      this.#toldUnreadable = true;
      return undefined;
    }
  }

  #succeeded(): void {
    if (this.#state.failingSince !== null) this.#deps.log.info({ resource: this.#resource.name }, 'watching again');
    if (!this.#state.initialized || this.#state.failingSince !== null) {
      this.#state = { initialized: true, failingSince: null, problem: '' };
    }
  }

  async #rest(failure: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log, observe, pace } = this.#deps;
    const { name } = this.#resource;
    this.#failures += 1;
    const status = statusOf(failure);
    if (status === 410 || this.#failures % LIST_AFTER_FAILURES === 0) this.#version = '';
    const problem = failure instanceof Error ? failure.message : String(failure);
    this.#state = { ...this.#state, failingSince: this.#state.failingSince ?? clock.now(), problem };
    observe.failed(name, reasonOf(failure));

    const askedMs =
      failure instanceof AppError && status !== undefined ? (failure.retryAfterSeconds ?? 0) * SECOND_MS : 0;
    const backoffMs = pace.backoffMs * 2 ** Math.min(this.#failures - 1, 30) * (1 - Math.random() * JITTER);
    const pauseMs = Math.min(Math.max(backoffMs, status === 429 ? askedMs : 0), pace.backoffMsMax);
    log.warn({ resource: name, problem, pauseMs: Math.round(pauseMs) }, 'watch failed; it goes on after a pause');
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function isLostEvent(error: unknown): boolean {
  return error instanceof AppError && error.details?.['lostEvent'] === true;
}

/** Few words, for a metric: the status, or that there was none. */
function reasonOf(error: unknown): string {
  const status = statusOf(error);
  if (status !== undefined) return String(status);
  return isLostEvent(error) ? 'lost_event' : 'connection';
}

function endless(name: string): AppError {
  return new AppError('upstream_refused', `cannot list ${name}: more than ${PAGES_MAX} pages`);
}
