import { AppError } from '../../lib/errors.ts';

/** Lets one through at a time, in the order of arrival. The queue is bounded in length and in time. */
export interface Turnstile {
  /** Resolves when it is our turn; then `leave` must be called. Throws `store_unavailable` when that takes too long. */
  enter(): Promise<void>;
  leave(): void;
}

export const WAITERS_MAX = 1_000;

export function createTurnstile(waitMs: number): Turnstile {
  const waiting: Array<() => void> = [];
  let taken = false;

  const wait = () =>
    new Promise<void>((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(admit), 1);
        reject(new AppError('store_unavailable', `waited ${waitMs} ms for the relational store's only connection`));
      }, waitMs);
      waiting.push(admit);
    });

  return {
    async enter() {
      if (!taken) {
        taken = true;
        return;
      }
      if (waiting.length >= WAITERS_MAX) {
        throw new AppError(
          'store_unavailable',
          `${WAITERS_MAX} statements are waiting for the relational store already`,
        );
      }
      await wait();
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
  };
}
