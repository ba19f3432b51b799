import { z } from 'zod';
import type { LedgerLab } from './ledger-lab.ts';

const Row = z.object({ name: z.string(), cost: z.string() });
const Total = z.object({ cost: z.string() });

/**
 * What the ledger says that a tenant's namespaces pay for beside CPU and RAM, hour by hour: `<namespace> <resource>` and the
 * cost. What costs nothing is left out.
 */
export async function ledgerResources({ columnar }: LedgerLab, tenant: string): Promise<[string, string][]> {
  const rows = await columnar.rows({
    sql: `SELECT concat(c.namespace, ' ', part.1) AS name, toString(part.2) AS cost
          FROM container_hours AS c FINAL
          ARRAY JOIN [
            ('gpu', c.gpu_cost), ('zone', c.network_cross_zone_cost), ('region', c.network_cross_region_cost),
            ('internet', c.network_internet_cost), ('external', c.external_cost),
            ('cpu-adjustment', c.cpu_cost_adjustment), ('ram-adjustment', c.ram_cost_adjustment),
            ('gpu-adjustment', c.gpu_cost_adjustment), ('network-adjustment', c.network_cost_adjustment)] AS part
          WHERE c.tenant = {tenant:UUID} AND NOT c.withdrawn AND part.2 != 0
          ORDER BY name, c.hour`,
    params: { tenant },
    row: Row,
  });
  return rows.map(({ name, cost }) => [name, cost]);
}

/** What managing a tenant's clusters costs, in all hours together. */
export async function ledgerManagement({ columnar }: LedgerLab, tenant: string): Promise<string> {
  const [row] = await columnar.rows({
    sql: `SELECT toString(sum(management_cost)) AS cost FROM cluster_hours FINAL WHERE tenant = {tenant:UUID}`,
    params: { tenant },
    row: Total,
  });
  return row?.cost ?? '0';
}
