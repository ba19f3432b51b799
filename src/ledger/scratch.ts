/**
 * Tables that live for as long as one hour is computed. Plain statements over scratch tables are planned in a third of the time
 * of one that does all, and of a small cluster's hour planning is most. They are dropped when the hour is done; whoever leads
 * the rollup drops what a predecessor left.
 */
import type { Columnar } from '../store/columnar/columnar.ts';
import { DROP_SCRATCH_OF_HOUR } from './statements.ts';

/** Names of scratch tables begin so. */
export const SCRATCH_PREFIX = 'scratch_';

/** Names, as statements are bound to them. */
export interface Scratch {
  /** What the nodes offered. */
  readonly offered: string;
  /** What the containers held and used. */
  readonly usage: string;
  /** The same, and what they are charged. */
  readonly charges: string;
}

/** No two hours that are computed have the same `version`. */
export async function withScratch(
  columnar: Columnar,
  version: string,
  work: (scratch: Scratch) => Promise<void>,
): Promise<void> {
  const named = (what: string) => `${SCRATCH_PREFIX}${what}_${version}`;
  const scratch: Scratch = { offered: named('offered'), usage: named('usage'), charges: named('charges') };
  try {
    await work(scratch);
  } finally {
    // Not with the hour's own signal: an hour that is called off leaves nothing behind either.
    await columnar.command({ sql: DROP_SCRATCH_OF_HOUR, params: { ...scratch }, settings: { fsync_metadata: 0 } });
  }
}
