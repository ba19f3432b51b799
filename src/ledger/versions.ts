/**
 * Versions of ledger rows: of two rows under one key the greater one is in force.
 *
 * The fence of the rollup's lease stands in the high bits, so whatever an overtaken holder still writes is older than what
 * its successor writes. Each version leaves the odd number below it free, for the rows it withdraws.
 */
export interface Versions {
  next(): bigint;
}

const BITS_PER_FENCE = 40n;

/** `newest` is the greatest version in the ledger: it counts where a relational store was lost and fences began anew. */
export function createVersions(fence: bigint, newest: bigint): Versions {
  const base = fence << BITS_PER_FENCE;
  let current = base > newest ? base : newest + (newest % 2n);
  return {
    next() {
      current += 2n;
      return current;
    },
  };
}
