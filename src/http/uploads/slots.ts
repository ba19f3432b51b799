/** So many may be at something at once: all owners together, and each of them. What is given is to be disposed of. */
export interface Slots {
  /** `null` where none is free. */
  tryTake(owner: string): Disposable | null;
  /** Waits for one, first come first served among those who may have one. Rejects with the signal's reason. */
  take(owner: string, signal: AbortSignal): Promise<Disposable>;
}

export interface SlotLimits {
  readonly max: number;
  readonly perOwnerMax: number;
}

interface Waiting {
  readonly owner: string;
  readonly resolve: (slot: Disposable) => void;
}

/** Who may wait is for the caller to bound. */
export function createSlots({ max, perOwnerMax }: SlotLimits): Slots {
  const taken = new Map<string, number>();
  const waiting: Waiting[] = [];
  let takenCount = 0;

  const isFree = (owner: string) => takenCount < max && (taken.get(owner) ?? 0) < perOwnerMax;

  function occupy(owner: string): Disposable {
    takenCount += 1;
    taken.set(owner, (taken.get(owner) ?? 0) + 1);
    let isHeld = true;
    return {
      [Symbol.dispose]() {
        if (isHeld) release(owner);
        isHeld = false;
      },
    };
  }

  function release(owner: string): void {
    takenCount -= 1;
    const left = (taken.get(owner) ?? 1) - 1;
    if (left === 0) taken.delete(owner);
    else taken.set(owner, left);
    const index = waiting.findIndex((one) => isFree(one.owner));
    const [next] = index === -1 ? [] : waiting.splice(index, 1);
    next?.resolve(occupy(next.owner));
  }

  return {
    tryTake: (owner) => (isFree(owner) ? occupy(owner) : null),
    async take(owner, signal) {
      signal.throwIfAborted();
      if (isFree(owner)) return occupy(owner);
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const one = { owner, resolve };
      const leave = () => {
        const index = waiting.indexOf(one);
        if (index !== -1) waiting.splice(index, 1);
        reject(signal.reason); // without effect where a slot was given meanwhile
      };
      waiting.push(one);
      signal.addEventListener('abort', leave, { once: true });
      return await promise.finally(() => signal.removeEventListener('abort', leave));
    },
  };
}
