/**
 * The fleet that `kubetally demo` shows: a shop and its teams. It holds what makes real bills interesting: requests far
 * above usage and far below, containers that ask for nothing, spot nodes, night batches, and jobs of half a minute.
 */
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { pool, shortCron, systemWorkloads } from './catalog.ts';
import { continuousIntegration, data, machineLearning, monitoring } from './demo-back.ts';
import { payments, search, shop } from './demo-front.ts';
import type { ClusterPlan } from './plan.ts';

export function demoProduction(): ClusterPlan {
  return {
    name: 'production',
    region: 'us-east-1',
    zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    pools: [
      pool('general', 'm5.2xlarge', 5, { nodeLifeMs: 8 * DAY_MS }),
      pool('web', 'm5.xlarge', 4, { nodeLifeMs: 6 * DAY_MS }),
      pool('memory', 'r5.xlarge', 3, { nodeLifeMs: 21 * DAY_MS }),
      pool('batch', 'c5.2xlarge', 4, { spot: true, nodeLifeMs: 30 * HOUR_MS }),
    ],
    workloads: [
      ...systemWorkloads(),
      ...shop('production', 3),
      ...payments('production', 3),
      ...search('production', 2),
      ...data(),
      ...machineLearning(),
      ...continuousIntegration(),
      ...monitoring('production'),
    ],
  };
}

export function demoStaging(): ClusterPlan {
  return {
    name: 'staging',
    region: 'eu-west-1',
    zones: ['eu-west-1a', 'eu-west-1b'],
    pools: [
      pool('general', 'm5.xlarge', 4, { nodeLifeMs: 12 * DAY_MS }),
      pool('on-premises', 'm5.large', 2, { priced: false, nodeLifeMs: 60 * DAY_MS }),
      pool('spot', 'm5.xlarge', 2, { spot: true, nodeLifeMs: 20 * HOUR_MS }),
    ],
    workloads: [
      ...systemWorkloads(),
      ...shop('staging', 1),
      ...payments('staging', 1),
      ...search('staging', 1),
      ...monitoring('staging'),
      shortCron({ namespace: 'shop', team: 'storefront', env: 'staging' }, 'smoke-test', 10),
    ],
  };
}
