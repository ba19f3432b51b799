import { z } from 'zod';
import type { TestServer } from './server.ts';

const Row = z.object({
  metric: z.string(),
  namespace: z.string(),
  pod: z.string(),
  uid: z.string(),
  container: z.string(),
  node: z.string(),
  labels: z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
  at: z.coerce.number(),
  value: z.number(),
});

/** A point with all labels of its series, `__name__` among them. */
export interface StoredPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly at: number;
  readonly value: number;
}

/** Every point of a cluster, each once, with the labels of its series. */
export async function storedPoints(server: TestServer, tenant: string, clusterName: string): Promise<StoredPoint[]> {
  const cluster = (await server.deps.clusters.getByName(tenant, clusterName))?.id ?? '';
  const rows = await server.columnar.rows({
    sql: `SELECT s.metric AS metric, s.namespace AS namespace, s.pod AS pod, s.uid AS uid, s.container AS container,
                 s.node AS node, s.labels AS labels, toUnixTimestamp64Milli(p.at) AS at, p.value AS value
          FROM points p FINAL
          JOIN (SELECT * FROM series FINAL) s
            ON s.tenant = p.tenant AND s.cluster = p.cluster AND s.source = p.source AND s.id = p.id AND s.day = toDate(p.at)
          WHERE p.tenant = {tenant:UUID} AND p.cluster = {cluster:UUID}
          ORDER BY metric, s.id, at`,
    params: { tenant, cluster },
    row: Row,
  });
  return rows.map(({ metric, labels, at, value, ...naming }) => {
    const named = Object.entries(naming).filter(([, text]) => text !== '');
    return { labels: { __name__: metric, ...Object.fromEntries(named), ...labels }, at, value };
  });
}
