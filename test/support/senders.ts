import { setTimeout as pause } from 'node:timers/promises';
import { DAY_MS, dayStart, HOUR_MS, SECOND_MS } from '../../src/lib/clock.ts';
import type { SourcePost } from './source-posts.ts';

/** What became of one sender's posts. */
export interface SendingResult {
  readonly acknowledged: SourcePost[];
  /** Statuses of refusals; `null` where the connection broke. */
  readonly refusals: Set<number | null>;
}

interface Sender {
  readonly url: string;
  readonly key: string;
  readonly cluster: string;
  readonly onAcknowledged: () => void;
}

const RETRY_MS = 10;

/**
 * Posts instant after instant of one cluster of its own until told to stop. As sources do, it sends a post again until that is
 * acknowledged, and never after: one that is acknowledged and lost is missed for good.
 */
export async function sendUntil(
  until: AbortSignal,
  { url, key, cluster, onAcknowledged }: Sender,
): Promise<SendingResult> {
  const result: SendingResult = { acknowledged: [], refusals: new Set() };
  for (let number = 0; !until.aborted; number += 1) {
    const post = numberedPost(cluster, number);
    for (let status = await statusOf({ url, key }, post); status !== 202; status = await statusOf({ url, key }, post)) {
      result.refusals.add(status);
      await pause(RETRY_MS);
    }
    result.acknowledged.push(post);
    onAcknowledged();
  }
  return result;
}

export async function statusOf({ url, key }: { url: string; key: string }, post: SourcePost): Promise<number | null> {
  try {
    const response = await fetch(`${url}${post.route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(post.body),
    });
    await response.text();
    return response.status;
  } catch {
    return null;
  }
}

/** Each post tells of a pod that no other one does, so that every single one shows in the answers. */
export function numberedPost(cluster: string, number: number): SourcePost {
  const { start } = sendersWindow();
  return {
    route: '/v1/ingest',
    body: {
      cluster_name: cluster,
      timestamp: (start + (number % 7_000) * SECOND_MS) / SECOND_MS,
      pod_metrics: [
        {
          pod_name: `pod-${number}`,
          namespace: 'shop',
          node_name: 'n1',
          cpu_usage_millicores: 1 + (number % 97),
          memory_usage_bytes: 1_000_000 + number,
        },
      ],
      node_metrics: [{ node_name: 'n1', cpu_capacity: 4_000, memory_capacity: 16 * 2 ** 30, hourly_cost_usd: '0.4' }],
    },
  };
}

/** Two hours of the day before yesterday: all that senders post of. */
export function sendersWindow(): { start: number; end: number } {
  const start = dayStart(Date.now()) - 2 * DAY_MS + 10 * HOUR_MS;
  return { start, end: start + 2 * HOUR_MS };
}
