import { z } from 'zod';
import type { Columnar } from '../store/columnar/columnar.ts';
import { TOLD_OF_HOUR } from './statements.ts';

/**
 * What was told that bears on an hour, in one cheap statement: the dear ones are planned only where there is something for
 * them, because planning is most of what a small cluster's hour costs.
 */
export interface Told {
  /** `ledger` is what the ledger itself holds of the hour already. */
  readonly shape: 'samples' | 'points' | 'facts' | 'ledger';
  readonly source: string;
  /** Samples of containers, points, or facts of the hour itself. */
  readonly rows: number;
  /** Rows that tell of volumes, and of load balancers; of points, series. */
  readonly volumes: number;
  readonly balancers: number;
  /** Of everything that may have a part in the hour: another sum is other rows. */
  readonly arrivals: bigint;
}

const Row = z.object({
  shape: z.enum(['samples', 'points', 'facts', 'ledger']),
  source: z.string(),
  rows: z.coerce.number(),
  volumes: z.coerce.number(),
  balancers: z.coerce.number(),
  arrivals: z.string().transform(BigInt),
});

/** `key` are the hour's own parameters. */
export function toldOfHour(
  columnar: Columnar,
  key: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Told[]> {
  return columnar.rows({ sql: TOLD_OF_HOUR, params: key, row: Row }, signal);
}

/** One number for all that arrived, as `cluster_hours` keeps it: text of an unsigned 64-bit integer. */
export function arrivalsOf(told: readonly Told[]): string {
  return BigInt.asUintN(
    64,
    told.reduce((sum, { arrivals }) => sum + arrivals, 0n),
  ).toString();
}
