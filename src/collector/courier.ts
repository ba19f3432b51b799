/**
 * Brings what a spool holds to the server, oldest first, until it is stopped.
 *
 * - A record is deleted only after the server has answered 2xx for it, or has refused it for good; that is counted and
 *   logged, and blocks nothing. A refused request of many records is sent again one by one, so that a single bad record
 *   costs itself alone.
 * - Where the server does not answer, or asks for patience, all wait: exponentially longer, with chance, and no less than
 *   `Retry-After` says.
 * - Every attempt sends the body anew from memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { BACKOFF, type BackoffLimits, backoffMs } from './backoff.ts';
import { type HttpClient, reasonOf } from './http-client.ts';
import { alone, type Parcel, type ParcelKind, parcelOf, type Shipment } from './parcel.ts';
import type { Spool } from './spool.ts';
import type { Telemetry } from './telemetry.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface CourierDeps {
  readonly spool: Pick<Spool, 'take' | 'filled'>;
  readonly client: Pick<HttpClient, 'send'>;
  readonly destination: Destination;
  readonly telemetry: Pick<Telemetry, 'add'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly limits?: Partial<CourierLimits>;
  /** Which parcels share a request; each has its own where this is left out. */
  readonly together?: (parcels: readonly Parcel[]) => Promise<Shipment[]>;
}

export interface Destination {
  urlOf(kind: ParcelKind): URL;
  /** The key, where there is one: never logged. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface CourierLimits {
  readonly inFlightMax: number;
  readonly backoff: BackoffLimits;
  /** Of what a server may ask us to wait. */
  readonly retryAfterMsMax: number;
}

export const COURIER_LIMITS: CourierLimits = { inFlightMax: 4, backoff: BACKOFF, retryAfterMsMax: 5 * MINUTE_MS };

export interface Courier {
  /** Why the server did not take anything the last time; null where it did. */
  readonly trouble: string | null;
  readonly lastDeliveredAt: number | null;
  /** Breaks off what is under way, which stays in the spool. */
  stop(): Promise<void>;
}

/** Ways in which files fail pass or do not; looking again soon costs little. */
const SPOOL_TROUBLE_MS = 5 * SECOND_MS;

export function startCourier(deps: CourierDeps): Courier {
  return new SpoolCourier(deps);
}

class SpoolCourier implements Courier {
  readonly #deps: CourierDeps;
  readonly #limits: CourierLimits;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #trouble: string | null = null;
  #lastDeliveredAt: number | null = null;
  #failures = 0;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
    this.#limits = { ...COURIER_LIMITS, ...deps.limits };
    this.#ended = this.#run();
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  get lastDeliveredAt(): number | null {
    return this.#lastDeliveredAt;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#deliverNext(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.error({ error }, 'the spool cannot be read; trying again');
        await this.#wait(SPOOL_TROUBLE_MS);
      }
    }
  }

  async #deliverNext(signal: AbortSignal): Promise<void> {
    const batch = await this.#deps.spool.take();
    if (!batch) {
      await this.#deps.spool.filled(signal);
      return;
    }
    const parcels = batch.records.map(parcelOf).filter((parcel) => parcel !== null);
    const { together } = this.#deps;
    let left = together ? await together(parcels) : parcels.map(alone);
    while (left.length > 0) {
      left = await this.#round(left);
      signal.throwIfAborted();
    }
    await batch.done();
  }

  /** Sends each once, several at a time, but stops beginning new ones when one finds no welcome. What is left to send. */
  async #round(shipments: readonly Shipment[]): Promise<Shipment[]> {
    const left: Shipment[] = [];
    const queue = [...shipments];
    let afterMs: number | null = null;
    const sender = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const verdict = await this.#send(next.parcel);
        if (verdict.kind === 'again') {
          left.push(next, ...queue.splice(0));
          afterMs = Math.max(afterMs ?? 0, verdict.afterMs ?? 0);
          this.#trouble = verdict.message;
          this.#deps.telemetry.add('kubetally_spool_failures_total', 1);
        } else left.push(...this.#settle(next, verdict));
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#limits.inFlightMax, queue.length) }, sender));
    if (afterMs !== null) await this.#backOff(afterMs);
    return left;
  }

  /** What is still to be sent of a shipment that was taken or refused. */
  #settle({ parcel, of }: Shipment, verdict: Exclude<Verdict, { kind: 'again' }>): Shipment[] {
    const { telemetry, log, clock } = this.#deps;
    if (verdict.kind === 'delivered') {
      this.#failures = 0;
      this.#trouble = null;
      this.#lastDeliveredAt = clock.now();
      telemetry.add('kubetally_spool_delivered_total', of.length);
      telemetry.add('kubetally_spool_rejected_rows_total', verdict.rejectedRows);
      if (verdict.rejectedRows > 0) {
        const { rejectedRows, firstRejection } = verdict;
        log.warn({ rejectedRows, firstRejection }, 'the server refused rows of what it took');
      }
      return [];
    }
    if (of.length > 1) return of.map(alone);
    telemetry.add('kubetally_spool_refused_total', 1);
    log.warn({ kind: parcel.kind, reason: verdict.message }, 'the server refused a record for good; it is gone');
    return [];
  }

  async #send({ kind, body }: Parcel): Promise<Verdict> {
    const { client, destination, telemetry, clock } = this.#deps;
    const headers = {
      ...destination.headers,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      accept: 'application/json',
    };
    telemetry.add('kubetally_spool_requests_total', 1);
    try {
      const request = { method: 'POST' as const, url: destination.urlOf(kind), headers, body };
      return verdictOf(await client.send(request, this.#stopping.signal), clock.now());
    } catch (error) {
      return { kind: 'again', afterMs: null, message: reasonOf(error) };
    }
  }

  async #backOff(afterMs: number): Promise<void> {
    this.#failures += 1;
    const { backoff, retryAfterMsMax } = this.#limits;
    const ownMs = backoffMs(this.#failures, Math.random(), backoff);
    const waitMs = Math.max(ownMs, Math.min(afterMs, retryAfterMsMax));
    if (!this.#stopping.signal.aborted) {
      const facts = { reason: this.#trouble, failures: this.#failures, waitMs };
      this.#deps.log.warn(facts, 'the server does not take what was collected; it is kept and sent again');
    }
    await this.#wait(waitMs);
  }

  /** Ends early when stopped. */
  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
