import { z } from 'zod';
import type { Columnar } from '../store/columnar/columnar.ts';
import { compose, load } from './statements.ts';
import type { Told } from './told.ts';

const IN_HOUR = load('described-in-hour');

function fromSeries(name: string, ofSeries: string): string {
  const seriesSeen = compose(load('series-seen-in-hour'), { of_series: ofSeries });
  return compose(load(name), { series_seen: seriesSeen });
}

const STATEMENTS = {
  namespaces: fromSeries('namespaces-of-hour', "metric IN ('kube_namespace_labels', 'kube_namespace_annotations')"),
  services: fromSeries('services-of-hour', "metric = 'service_selector_labels'"),
} as const;

const Found = z.object({ what: z.enum(['namespaces', 'services']) });

interface DescribedHour {
  /** Tenant, cluster and hour, as the statements are bound to them. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly told: readonly Told[];
}

/**
 * Writes down what the hour's points and facts tell of namespaces and services; samples of them are written as they come.
 * Whatever a source is the hour's record or not: nothing is counted here, and readers choose (allocation-namespaces.sql).
 */
export async function writeDescriptions(
  columnar: Columnar,
  { key, told }: DescribedHour,
  signal?: AbortSignal,
): Promise<void> {
  if (!told.some(({ shape, rows }) => rows > 0 && (shape === 'points' || shape === 'facts'))) return;
  const found = await columnar.rows({ sql: IN_HOUR, params: key, row: Found }, signal);
  for (const { what } of found) await columnar.command({ sql: STATEMENTS[what], params: key }, signal);
}
