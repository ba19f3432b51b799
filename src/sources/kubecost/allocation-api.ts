import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { PulledPiece, PullWindow } from '../pull.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { AllocationScanner, ScanError } from './allocation-scanner.ts';
import { HourPieces } from './hour-pieces.ts';
import type { KubecostLimits } from './limits.ts';
import { getBody, refused, unavailable } from './upstream.ts';

interface AllocationApiOptions {
  readonly url: string;
  readonly aggregate: 'container' | 'pod';
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: KubecostLimits;
  readonly clock: Clock;
}

/** What an answer took. */
export interface AnswerCost {
  readonly ms: number;
  readonly allocations: number;
}

/** Kubecost's, then OpenCost's. */
const PATHS = ['/model/allocation', '/allocation'] as const;
const LEVELS = { container: 'cluster,node,namespace,pod,container', pod: 'cluster,node,namespace,pod' } as const;
/** Of what the server says of its own answer. */
const WARNING_CHARS_MAX = 500;

/** One allocation API: where it is, and one question to it. */
export class AllocationApi {
  readonly #options: AllocationApiOptions;
  /** Where it may be; the first place once that has answered. */
  #places: readonly URL[];

  constructor(options: AllocationApiOptions) {
    this.#options = options;
    this.#places = placesOf(options.url);
  }

  /**
   * The hours of a window, in one request. Its pieces move `through` no further than `from`, until the whole answer
   * has been read and found good; only the last one moves it to `to`.
   */
  async *allocations(window: PullWindow, signal: AbortSignal): AsyncGenerator<PulledPiece, AnswerCost> {
    const [first, ...others] = this.#places;
    if (!first) throw new AppError('invalid_config', 'cannot ask an allocation API without an address');
    for (const place of [first, ...others]) {
      try {
        const cost = yield* this.#ask(place, window, signal);
        this.#places = [place];
        return cost;
      } catch (error) {
        if (place === this.#places.at(-1) || !isElsewhere(error)) throw error;
      }
    }
    throw refused(first, 'has no allocation API', 'not-found');
  }

  async *#ask(place: URL, window: PullWindow, signal: AbortSignal): AsyncGenerator<PulledPiece, AnswerCost> {
    const { clock, limits, headers, aggregate } = this.#options;
    const url = questionOf(place, window, aggregate);
    const pieces = new HourPieces({ ...window, statedAt: clock.now(), limits });
    const scanner = new AllocationScanner(limits.allocationBytesMax);
    const envelope = new Map<string, unknown>();
    const askedAt = performance.now();
    let ms: number | null = null;
    for await (const chunk of getBody({ url, headers, signal, limits })) {
      ms ??= performance.now() - askedAt;
      for (const found of this.#scan(url, () => scanner.read(chunk))) {
        if (found.kind === 'field') keepField(url, envelope, found);
        else yield* pieces.take(found);
      }
    }
    this.#scan(url, () => scanner.finish());
    yield pieces.last(warningsOf(envelope).map((text) => withoutSecrets(text, headers).slice(0, WARNING_CHARS_MAX)));
    return { ms: ms ?? 0, allocations: pieces.count };
  }

  /** `read`'s outcome; what is not such an answer is told of as the upstream's fault. */
  #scan<T>(url: URL, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      throw error.cut
        ? unavailable(url, `cannot be read: ${error.message}`)
        : refused(url, `cannot be read: ${error.message}`, 'not-json');
    }
  }
}

/** The places where the API of `text` may be; the likelier first. */
function placesOf(text: string): URL[] {
  const base = URL.parse(text);
  if (!base) throw new AppError('invalid_config', 'cannot ask an allocation API: its address is not a URL');
  const path = base.pathname.replace(/\/+$/, '');
  const at = (pathname: string) => new URL(`${pathname}${base.search}`, base.origin);
  if (/\/allocation(\/compute)?$/.test(path)) return [at(path)];
  if (path.endsWith('/model')) return [at(`${path}/allocation`)];
  return PATHS.map((name) => at(`${path}${name}`));
}

/**
 * Kubecost and OpenCost name some parameters differently and ignore those of each other. Idle cost is asked for node by
 * node: that of a whole cluster could not be told apart again.
 */
function questionOf(place: URL, { from, to }: PullWindow, level: keyof typeof LEVELS): URL {
  const url = new URL(place);
  const asked = {
    window: `${secondsText(from)},${secondsText(to)}`,
    step: '1h',
    accumulate: 'false',
    aggregate: LEVELS[level],
    idle: 'true',
    includeIdle: 'true',
    idleByNode: 'true',
    splitIdle: 'true',
    shareIdle: 'false',
    external: 'false',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url;
}

function secondsText(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** Whether `error` says that no allocation API is at this place, though one may be at another. */
function isElsewhere(error: unknown): boolean {
  return error instanceof AppError && ['404', '405', 'page'].includes(String(error.details?.['reason']));
}

/** Such servers may say in the body of a 200 that they failed. */
function keepField(url: URL, envelope: Map<string, unknown>, { name, value }: { name: string; value: unknown }): void {
  envelope.set(name, value);
  if (name !== 'code' || typeof value !== 'number' || value === 200) return;
  const text = `answered with code ${value}`;
  throw value >= 500 || value === 429 ? unavailable(url, text) : refused(url, text, String(value));
}

function warningsOf(envelope: ReadonlyMap<string, unknown>): string[] {
  const said = ['warning', 'message'].map((name) => envelope.get(name));
  return said.filter((text) => typeof text === 'string').filter((text) => text !== '');
}
