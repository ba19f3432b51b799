import { AppError } from '../lib/errors.ts';
import type { HttpClient } from './http-client.ts';
import { authorization, parsed } from './node-facts.ts';
import type { NodeReading } from './reading.ts';
import { createResourceMetrics } from './resource-metrics.ts';
import { readSummary } from './summary.ts';

export interface Kubelet {
  /** Throws `upstream_unavailable` where it does not answer, `upstream_refused` where it does not tell. */
  read(signal: AbortSignal): Promise<NodeReading>;
}

export interface KubeletOptions {
  readonly client: Pick<HttpClient, 'send'>;
  /** Such as `https://10.0.0.7:10250`. */
  readonly url: string;
  readonly tokenFile: string;
  /** Name for what `/metrics/resource` says, which does not know it. */
  readonly node: string;
}

/** Endpoints that a kubelet does not have, or that a role does not grant. */
const ABSENT_STATUSES = new Set([403, 404, 405, 501]);

/** Asks for `/stats/summary`; where that is not to be had, for `/metrics/resource`. */
export function createKubelet({ client, url, tokenFile, node }: KubeletOptions): Kubelet {
  const resources = createResourceMetrics();
  const ask = async (path: string, signal: AbortSignal) =>
    await client.send({ method: 'GET', url: new URL(path, url), headers: await authorization(tokenFile) }, signal);
  return {
    async read(signal) {
      const summary = await ask('/stats/summary', signal);
      if (summary.status === 200) return readSummary(parsed(summary.body));
      if (!ABSENT_STATUSES.has(summary.status)) throw refusal('/stats/summary', summary.status);
      const metrics = await ask('/metrics/resource', signal);
      if (metrics.status !== 200) throw refusal('/stats/summary', summary.status);
      return resources.read(metrics.body.toString(), node);
    },
  };
}

function refusal(path: string, status: number): AppError {
  const hint = status === 401 || status === 403 ? '; its role needs "get" on nodes/stats and nodes/metrics' : '';
  return new AppError('upstream_refused', `the kubelet answered ${status} to ${path}${hint}`, { details: { status } });
}
