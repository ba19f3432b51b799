import { z } from 'zod';
import { SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { HOURS_MAX, type PriceVersionHead, type PriceVersions } from '../store/relational/price-versions.ts';
import { instant, repriceHour } from './hour.ts';
import type { Versions } from './versions.ts';

/**
 * A new price version changes what hours cost that are in the ledger already. Each of them is compared with the version that
 * is in force for it now, and priced again where they differ: running this twice, or after a crash, does no harm.
 */
export interface RepriceDeps {
  readonly columnar: Columnar;
  readonly prices: Pick<PriceVersions, 'effectiveAt'>;
}

const LedgerHour = z.object({
  tenant: z.string(),
  cluster: z.string(),
  hour_s: z.coerce.number(),
  source: z.string(),
  price_version: z.string(),
});
type LedgerHour = z.infer<typeof LedgerHour>;

const LEDGER_HOURS = `
  SELECT tenant, cluster, toUnixTimestamp(hour) AS hour_s, source, price_version
  FROM cluster_hours FINAL
  WHERE hour >= toDateTime({from:DateTime64(3, 'UTC')}, 'UTC')
    AND ({tenant:String} = '' OR toString(tenant) = {tenant:String})
    AND ({cluster:String} = '' OR toString(cluster) = {cluster:String})
  ORDER BY tenant, cluster, hour`;

/** Prices again the hours that `version` may have changed. Returns how many did, and the earliest of them. */
export async function repriceFor(
  deps: RepriceDeps,
  { version, versions }: { version: PriceVersionHead; versions: Versions },
  signal?: AbortSignal,
): Promise<{ hours: number; earliestMs: number | undefined }> {
  const params = {
    from: instant(Math.max(0, version.effectiveFrom)),
    tenant: version.tenantId ?? '',
    cluster: version.clusterId ?? '',
  };
  let hours = 0;
  let earliestMs: number | undefined;
  for await (const block of deps.columnar.stream({ sql: LEDGER_HOURS, params, row: LedgerHour }, signal)) {
    for (const group of byCluster(block)) {
      for (const { row, price } of await differing(deps, group)) {
        const hour = row.hour_s * SECOND_MS;
        await repriceHour(
          deps.columnar,
          { tenant: row.tenant, cluster: row.cluster, hour, source: row.source, price, version: versions.next() },
          signal,
        );
        hours += 1;
        earliestMs = Math.min(earliestMs ?? hour, hour);
      }
    }
  }
  return { hours, earliestMs };
}

async function differing({ prices }: RepriceDeps, rows: readonly LedgerHour[]) {
  const [first] = rows;
  if (!first) return [];
  const inForce = await prices.effectiveAt(
    first.tenant,
    first.cluster,
    rows.map((row) => row.hour_s * SECOND_MS),
  );
  return rows.flatMap((row, index) => {
    const price = inForce[index];
    return price && price.id !== row.price_version ? [{ row, price }] : [];
  });
}

function byCluster(rows: readonly LedgerHour[]): LedgerHour[][] {
  const groups = [...Map.groupBy(rows, (row) => `${row.tenant}/${row.cluster}`).values()];
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / HOURS_MAX) }, (_, part) =>
      group.slice(part * HOURS_MAX, (part + 1) * HOURS_MAX),
    ),
  );
}
