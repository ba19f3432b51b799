import type { Clock } from '../lib/clock.ts';
import type { Fleet } from '../sim/fleet.ts';
import { startKubecostApi } from '../sim/kubecost-api.ts';
import { startPrometheusApi } from '../sim/prometheus-api.ts';
import type { DemoSource } from './demo-posts.ts';

/** The entry of the server's `pulls` that asks the fleet. */
export interface DemoPull {
  readonly kind: 'prometheus' | 'kubecost';
  readonly name: string;
  readonly url: string;
  readonly tenant: string;
  readonly backfillDays: number;
  readonly delaySeconds: number;
  readonly intervalSeconds: number;
}

/** An API that the fleet stands behind, for the sources that are asked. */
export interface Upstream {
  readonly pull: DemoPull;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  readonly source: DemoSource | undefined;
  readonly days: number;
  readonly stepMs: number;
  readonly clock: Clock;
}

/** `undefined` for sources that send by themselves. */
export async function startUpstream(
  fleet: Fleet,
  { source, days, stepMs, clock }: UpstreamOptions,
): Promise<Upstream | undefined> {
  const common = { name: 'demo', tenant: 'default', backfillDays: days + 1, delaySeconds: 0 };
  if (source === 'prometheus') {
    const api = await startPrometheusApi({ fleet, clock, stepMs });
    const pull = { kind: source, url: api.url, ...common, intervalSeconds: 15 } as const;
    return { pull, close: () => api.close() };
  }
  if (source === 'kubecost') {
    const api = await startKubecostApi(fleet, { clock });
    const pull = { kind: source, url: api.url, ...common, intervalSeconds: 60 } as const;
    return { pull, close: () => api.close() };
  }
  return undefined;
}
