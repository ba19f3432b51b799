export interface StoreAhead<P> {
  /** Pieces that may be on their way into the store while the next one is fetched. */
  readonly aheadMax: number;
  store(piece: P): Promise<void>;
  /** Told of each piece in order, once it and all before it are stored. Says whether to go on. */
  stored(piece: P): Promise<boolean>;
}

/**
 * Stores pieces while the next is already fetched: an upstream and our store do not wait for each other, and pieces that
 * are on their way together share an insert. Throws what the first failing step threw; nothing is under way any more then.
 */
export async function storeAhead<P>(pieces: AsyncIterable<P>, steps: StoreAhead<P>): Promise<void> {
  const underWay: { readonly piece: P; readonly storing: Promise<void> }[] = [];
  const settleFirst = async (): Promise<boolean> => {
    const first = underWay[0];
    if (!first) return true;
    await first.storing;
    underWay.shift();
    return await steps.stored(first.piece);
  };
  try {
    for await (const piece of pieces) {
      const storing = steps.store(piece);
      storing.catch(() => {}); // it is waited for in its turn
      underWay.push({ piece, storing });
      if (underWay.length > steps.aheadMax && !(await settleFirst())) break;
    }
    while (underWay.length > 0) await settleFirst();
  } finally {
    await Promise.allSettled(underWay.map(({ storing }) => storing));
  }
}
