import { z } from 'zod';
import { HOUR_MS, isoDay, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { TOLD_OF_HOURS } from './statements.ts';

/**
 * What was told that bears on an hour. One cheap statement tells it of many hours: the dear ones are planned only where there
 * is something for them, because planning is most of what a small cluster's hour costs.
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
  hour_s: z.coerce.number(),
  shape: z.enum(['samples', 'points', 'facts', 'ledger']),
  source: z.string(),
  rows: z.coerce.number(),
  volumes: z.coerce.number(),
  balancers: z.coerce.number(),
  arrivals: z.string().transform(BigInt),
});

export interface ClusterHours {
  readonly tenant: string;
  readonly cluster: string;
  /** Starts of hours, milliseconds. */
  readonly hours: readonly number[];
}

/** By the start of the hour, milliseconds; every hour that is asked for has a place. */
export async function toldOfHours(
  columnar: Columnar,
  { tenant, cluster, hours }: ClusterHours,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, readonly Told[]>> {
  const params = { tenant, cluster, ...hoursParams(hours) };
  const rows = await columnar.rows({ sql: TOLD_OF_HOURS, params, row: Row }, signal);
  const ofHours = new Map<number, Told[]>(hours.map((hour) => [hour, []]));
  for (const { hour_s, ...told } of rows) ofHours.get(hour_s * SECOND_MS)?.push(told);
  return ofHours;
}

/** Hours, their days, and they with their neighbours, as statements about many hours are bound to them. */
export function hoursParams(hours: readonly number[]) {
  const around = new Set(hours.flatMap((hour) => [hour - HOUR_MS, hour, hour + HOUR_MS]));
  return { hours: inSeconds(hours), days: [...new Set(hours.map(isoDay))], around: inSeconds([...around]) };
}

/** ClickHouse reads a DateTime from seconds, in lists too. */
function inSeconds(instants: readonly number[]): number[] {
  return instants.map((ms) => ms / SECOND_MS);
}

/** One number for all that arrived, as `cluster_hours` keeps it: text of an unsigned 64-bit integer. */
export function arrivalsOf(told: readonly Told[]): string {
  return BigInt.asUintN(
    64,
    told.reduce((sum, { arrivals }) => sum + arrivals, 0n),
  ).toString();
}
