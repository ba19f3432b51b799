import { createLru } from './lru.ts';

/** Reads that several may wait for at once, and whose results are kept for who asks the same again. */
export interface SharedReads<T> {
  /**
   * What is kept under `key`, or what `work` returns. Who asks while it is under way waits for the same; its signal fires when
   * everybody who waited has gone. What fails is not kept.
   */
  read(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** A result may be anything, `undefined` too. */
interface Kept<T> {
  readonly result: T;
}

interface UnderWay<T> {
  readonly result: Promise<T>;
  readonly gone: AbortController;
  waiting: number;
}

export interface SharedReadsOptions<T> {
  /** Of one result, in whatever unit `sizeMax` counts. */
  readonly sizeOf: (result: T) => number;
  /** Of all that is kept. A result of more than a quarter of it is not: it would push out too many others. */
  readonly sizeMax: number;
}

/** What was asked for longest ago is forgotten first. */
export function createSharedReads<T>({ sizeOf, sizeMax }: SharedReadsOptions<T>): SharedReads<T> {
  const sizeKept = ({ result }: Kept<T>) => Math.max(1, sizeOf(result));
  const kept = createLru<Kept<T>>(sizeMax, sizeKept);
  const underWay = new Map<string, UnderWay<T>>();

  function begin(key: string, work: (signal: AbortSignal) => Promise<T>): UnderWay<T> {
    const gone = new AbortController();
    const run = async (): Promise<T> => {
      const result = await work(gone.signal);
      if (sizeKept({ result }) <= sizeMax / 4) kept.set(key, { result });
      return result;
    };
    const read: UnderWay<T> = { result: run().finally(() => forget(key, read)), gone, waiting: 0 };
    read.result.catch(() => undefined); // those who wait are told; perhaps nobody does any more
    underWay.set(key, read);
    return read;
  }

  /** A read that was given up may already have a successor under its key. */
  function forget(key: string, read: UnderWay<T>): void {
    if (underWay.get(key) === read) underWay.delete(key);
  }

  return {
    async read(key, work, signal) {
      signal?.throwIfAborted();
      const found = kept.get(key);
      if (found) return found.result;
      const read = underWay.get(key) ?? begin(key, work);
      read.waiting += 1;
      try {
        return await whileWanted(read.result, signal);
      } finally {
        read.waiting -= 1;
        if (read.waiting === 0) {
          forget(key, read);
          read.gone.abort();
        }
      }
    },
  };
}

function whileWanted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return result;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  result.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', leave));
}
