/**
 * The allocation API of Kubecost and OpenCost as a source: whole hours of containers with their costs, as stated there.
 *
 * - One request at a time, for as many hours as it answers with ease: one at first, twice as many after each quick answer,
 *   half as many after one that was too large or took too long.
 * - Bills come in late and change what an hour cost, so hours are asked for again. All facts of an answer carry the time
 *   that it was asked for: of two statements about an hour the later one counts, and the same one twice changes nothing.
 * - An hour that has only just ended costs nothing, says such a server: whoever drives this asks for settled hours only.
 */
import { type Clock, HOUR_MS, hourStart } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { PulledPiece, PullSource, PullWindow } from '../pull.ts';
import { AllocationApi } from './allocation-api.ts';
import { KUBECOST_LIMITS, type KubecostLimits } from './limits.ts';

export interface KubecostPullOptions {
  /** Where the server is: its own address, or that of its API (`…/model`, `…/allocation`). */
  readonly url: string;
  /** The finest level that is asked for; default `container`. */
  readonly aggregate?: 'container' | 'pod';
  /** Sent with each request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: Partial<KubecostLimits>;
  readonly clock: Clock;
}

/** An answer that took less of its time than this leaves room for twice as many hours. */
const QUICK_SHARE = 0.25;

/** Pulls the whole hours of a window; what is left of it at either end belongs to an hour that is not over. */
export function createKubecostPull({ url, aggregate, headers, limits, clock }: KubecostPullOptions): PullSource {
  const allLimits = { ...KUBECOST_LIMITS, ...limits };
  const api = new AllocationApi({
    url,
    aggregate: aggregate ?? 'container',
    headers: headers ?? {},
    limits: allLimits,
    clock,
  });
  const chunk = new ChunkHours(allLimits);

  async function* pull(window: PullWindow, signal: AbortSignal): AsyncGenerator<PulledPiece> {
    const to = hourStart(window.to);
    for (let at = hourStart(window.from); at < to; ) {
      const end = Math.min(to, at + chunk.hours * HOUR_MS);
      try {
        const answer = yield* api.allocations({ from: at, to: end }, signal);
        chunk.answered(answer, end - at);
        at = end;
      } catch (error) {
        if (!chunk.failed(error, end - at)) throw error;
      }
    }
  }

  return { source: 'kubecost', pull };
}

/** How many hours to ask for at once. */
class ChunkHours {
  readonly #limits: KubecostLimits;
  hours = 1;

  constructor(limits: KubecostLimits) {
    this.#limits = limits;
  }

  answered(answer: { readonly ms: number; readonly allocations: number }, askedMs: number): void {
    const { timeoutMs, allocationsPerAnswerWanted, chunkHoursMax } = this.#limits;
    const isFull = askedMs >= this.hours * HOUR_MS;
    const isQuick = answer.ms < timeoutMs * QUICK_SHARE && answer.allocations * 2 < allocationsPerAnswerWanted;
    if (isFull && isQuick) this.hours = Math.min(this.hours * 2, chunkHoursMax);
  }

  /** Whether to ask for fewer hours straight away; the server is given a pause after every other failure. */
  failed(error: unknown, askedMs: number): boolean {
    if (!(error instanceof AppError)) return false;
    const isTooLarge = error.details?.['reason'] === 'too-large';
    if (!isTooLarge && error.code !== 'upstream_unavailable') return false;
    this.hours = Math.max(1, Math.floor(this.hours / 2));
    return isTooLarge && askedMs > HOUR_MS;
  }
}
