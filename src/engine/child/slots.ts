import { exception } from './exception.ts';

export interface Slots {
  /** Resolves with the way to give the place back. Throws 503 when too many wait, and after `waitMs`. */
  take(signal: AbortSignal): Promise<() => void>;
}

/** A number of places and a bounded queue for them, first come, first served. */
export function createSlots(options: { places: number; waitingMax: number; waitMs: number }): Slots {
  let free = options.places;
  const waiting = new Set<() => void>();
  const release = once(() => {
    const [next] = waiting;
    if (next) next();
    else free += 1;
  });
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return release();
      }
      if (waiting.size >= options.waitingMax) throw busy(`${options.waitingMax} statements wait already`);
      await new Promise<void>((resolve, reject) => {
        const leave = (failure?: unknown) => {
          waiting.delete(enter);
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          if (failure === undefined) resolve();
          else reject(failure);
        };
        const enter = () => leave();
        const cancel = () => leave(exception('cancelled', 'The client went away'));
        const timer = setTimeout(() => leave(busy(`waited ${options.waitMs} ms for a place`)), options.waitMs);
        signal.addEventListener('abort', cancel, { once: true });
        waiting.add(enter);
      });
      return release();
    },
  };
}

/** A release that counts once, however often it is called. */
function once(give: () => void): () => () => void {
  return () => {
    let given = false;
    return () => {
      if (!given) give();
      given = true;
    };
  };
}

function busy(words: string) {
  return exception('tooManyQueries', `Too many simultaneous queries: ${words}`);
}
