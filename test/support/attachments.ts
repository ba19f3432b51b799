import { z } from 'zod';
import { SECOND_MS } from '../../src/lib/clock.ts';
import type { LedgerLab } from './ledger-lab.ts';

const Volume = z.object({
  /** Start of the hour, milliseconds. */
  hour: z.coerce.number().transform((seconds) => seconds * SECOND_MS),
  namespace: z.string(),
  claim: z.string(),
  volume: z.string(),
  pod: z.string(),
  pods: z.coerce.number(),
  bytes: z.coerce.bigint(),
  cost: z.string(),
  source: z.string(),
  basis: z.string(),
});
export type LedgerVolume = z.infer<typeof Volume>;

const Balancer = z.object({
  hour: z.coerce.number().transform((seconds) => seconds * SECOND_MS),
  namespace: z.string(),
  service: z.string(),
  run_ms: z.coerce.number(),
  cost: z.string(),
  source: z.string(),
  basis: z.string(),
});
export type LedgerBalancer = z.infer<typeof Balancer>;

/** All that the ledger holds of a tenant's volumes, by hour and by who mounted them; `bytes` are byte-seconds. */
export async function ledgerVolumes(
  { columnar }: Pick<LedgerLab, 'columnar'>,
  tenant: string,
): Promise<LedgerVolume[]> {
  return columnar.rows({
    sql: `SELECT toUnixTimestamp(hour) AS hour, namespace, claim, volume, pod, pods, toString(byte_seconds) AS bytes,
            toString(v.cost) AS cost, source, price_basis AS basis
          FROM volume_hours AS v FINAL
          WHERE tenant = {tenant:UUID} AND NOT withdrawn
          ORDER BY hour, namespace, claim, volume, pod`,
    params: { tenant },
    row: Volume,
  });
}

/** The same of its load balancers. */
export async function ledgerBalancers(
  { columnar }: Pick<LedgerLab, 'columnar'>,
  tenant: string,
): Promise<LedgerBalancer[]> {
  return columnar.rows({
    sql: `SELECT toUnixTimestamp(hour) AS hour, namespace, service, run_ms, toString(b.cost) AS cost, source, price_basis AS basis
          FROM balancer_hours AS b FINAL
          WHERE tenant = {tenant:UUID} AND NOT withdrawn
          ORDER BY hour, namespace, service, ingress`,
    params: { tenant },
    row: Balancer,
  });
}
