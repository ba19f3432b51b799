import { z } from 'zod';
import type { Columnar } from '../../src/store/columnar/columnar.ts';

/** A row of the ledger as text, but for when it was computed: equal rows are equal texts. */
export interface LedgerRow {
  readonly hour: string;
  readonly source: string;
  readonly row: string;
}

/** All that the ledger holds of a tenant. */
export interface LedgerRows {
  readonly hours: readonly LedgerRow[];
  readonly nodes: readonly LedgerRow[];
  readonly containers: readonly LedgerRow[];
}

const Text = z.object({ row: z.string() });
const Row = z.object({ hour: z.string(), source: z.string(), row: z.string() });
const STAMPS = 'tenant, cluster, version';

export async function ledgerRows(columnar: Columnar, tenant: string): Promise<LedgerRows> {
  const read = (table: string, but: string, where: string): Promise<LedgerRow[]> => {
    const columns = `SELECT * EXCEPT (${but}) FROM ${table} FINAL WHERE tenant = {tenant:UUID} AND source != '' ${where}`;
    const sql = `SELECT toString(hour) AS hour, toString(source) AS source, toJSONString(tuple(*)) AS row FROM (${columns}) ORDER BY ALL`;
    return columnar.rows({ sql, params: { tenant }, row: Row });
  };
  return {
    hours: await read('cluster_hours', `${STAMPS}, seen_at, arrivals, computed_at`, ''),
    nodes: await read('node_hours', STAMPS, 'AND NOT withdrawn'),
    containers: await read('container_hours', STAMPS, 'AND NOT withdrawn'),
  };
}

/** Nodes and hours whose rows do not add up to what the node cost: there must be none. */
export async function unbalancedNodes(columnar: Columnar, tenant: string): Promise<string[]> {
  const sql = `SELECT concat(n.node, ' at ', toString(n.hour), ': ', toString(spread), ' of ', toString(n.cpu_cost + n.ram_cost + n.gpu_cost)) AS row
    FROM node_hours AS n FINAL
    LEFT JOIN
    (
      SELECT node, hour, sum(cpu_cost) AS cpu, sum(ram_cost) AS ram, sum(gpu_cost) AS gpu, cpu + ram + gpu AS spread
      FROM container_hours FINAL WHERE tenant = {tenant:UUID} AND NOT withdrawn GROUP BY node, hour
    ) AS c ON n.node = c.node AND n.hour = c.hour
    WHERE n.tenant = {tenant:UUID} AND NOT n.withdrawn AND n.price_basis != 'unknown' AND (n.cpu_cost != c.cpu OR n.ram_cost != c.ram OR n.gpu_cost != c.gpu)`;
  return (await columnar.rows({ sql, params: { tenant }, row: Text })).map(({ row }) => row);
}
