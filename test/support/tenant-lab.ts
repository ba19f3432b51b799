import { type Client, createClient } from '../../src/client/client.ts';
import { clusterCosts, costTrends, namespaceCosts, podUtilization } from '../../src/contracts/cost-routes.ts';
import { LIMIT_MAX } from '../../src/contracts/costs.ts';
import { addMoney, type Money, parseMoney, ZERO } from '../../src/lib/money.ts';
import type { TestServer } from './server.ts';
import type { SourcePost } from './source-posts.ts';

/** A tenant as its own people see it: posts go in and answers come out, over HTTP, and nothing else is known. */
export interface TenantLab {
  readonly client: Client;
  /** Sends one post after the other; throws for any that is not wholly taken. */
  send(posts: Iterable<SourcePost>): Promise<void>;
  /** All answers about a window, in an order of rows that does not depend on ids. */
  answers(window: AskedWindow): Promise<Answers>;
}

export interface AskedWindow {
  readonly start: number;
  readonly end: number;
}

/** A new tenant of a test server, with a key that may post and ask. */
export async function newTenant(server: TestServer): Promise<TenantLab> {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  return openTenantLab({ url: server.url, key });
}

export type Answers = Awaited<ReturnType<typeof answersOf>>;

export function openTenantLab({ url, key }: { url: string; key: string }): TenantLab {
  const client = createClient({ url, key });
  return {
    client,
    async send(posts) {
      for (const post of posts) await sendPost({ url, key }, post);
    },
    answers: (window) => answersOf(client, window),
  };
}

/** Throws where the server did not take the whole post. */
export async function sendPost({ url, key }: { url: string; key: string }, { route, body }: SourcePost): Promise<void> {
  const response = await fetch(`${url}${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok || text.includes('rejected')) throw new Error(`${route} answered ${response.status}: ${text}`);
}

export function queryOf({ start, end }: AskedWindow) {
  return { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
}

async function answersOf(client: Client, window: AskedWindow) {
  const times = queryOf(window);
  const query = { ...times, limit: LIMIT_MAX };
  const [namespaces, clusters, pods, hourly, daily, weekly] = await Promise.all([
    client.call(namespaceCosts, { query }),
    client.call(clusterCosts, { query }),
    client.call(podUtilization, { query }),
    client.call(costTrends, { query: { ...times, interval: 'hourly' } }),
    client.call(costTrends, { query: { ...times, interval: 'daily' } }),
    client.call(costTrends, { query: { ...times, interval: 'weekly' } }),
  ]);
  return {
    namespaces: { ...namespaces, costs: inOrder(namespaces.costs) },
    clusters: { ...clusters, costs: inOrder(clusters.costs) },
    pods: { ...pods, metrics: inOrder(pods.metrics) },
    hourly,
    daily,
    weekly,
  };
}

/** Rows of equal cost come in the order of ids, which are new in every run. */
function inOrder<T>(rows: readonly T[]): T[] {
  const text = (row: T) => JSON.stringify(row);
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

interface Costed {
  readonly cost: { readonly total: string };
}

/** The exact sum of rows' costs. */
export function sumOf(rows: readonly Costed[]): Money {
  return sumMoney(rows.map(({ cost }) => parseMoney(cost.total)));
}

export function sumMoney(amounts: readonly Money[]): Money {
  return amounts.reduce(addMoney, ZERO);
}
