import { HOUR_MS } from '../../src/lib/clock.ts';
import type { Faults } from '../../src/sources/faults.ts';
import { readAllocation } from '../../src/sources/kubecost/allocation.ts';

/** The hour that the row is of. */
export const ALLOCATION_HOUR = Date.UTC(2026, 4, 17, 14);
export const STATED_AT = ALLOCATION_HOUR + 3 * HOUR_MS;
export const ALLOCATION_WINDOW = { start: '2026-05-17T14:00:00Z', end: '2026-05-17T15:00:00Z' };
const ALLOCATION_KEY = 'prod/node-1/shop/web-7d4c9b8f5d-x2x5z/web';

export const allocationProperties = {
  cluster: 'prod',
  node: 'node-1',
  container: 'web',
  controller: 'web',
  controllerKind: 'deployment',
  namespace: 'shop',
  pod: 'web-7d4c9b8f5d-x2x5z',
  services: ['web', 'public'],
  providerID: 'i-0123',
  labels: { app: 'web', pod_template_hash: '7d4c9b8f5d' },
  annotations: { owner: 'a', contact: 'b' },
};

/** As a server of 2023 states it: half an hour of half a core. */
export const allocationRow = {
  name: ALLOCATION_KEY,
  properties: allocationProperties,
  window: ALLOCATION_WINDOW,
  start: '2026-05-17T14:00:00Z',
  end: '2026-05-17T14:30:00Z',
  minutes: 30,
  cpuCores: 0.5,
  cpuCoreRequestAverage: 0.5,
  cpuCoreUsageAverage: 0.10001,
  cpuCoreHours: 0.25,
  cpuCost: 0.00473,
  cpuCostAdjustment: 0,
  cpuEfficiency: 0.2,
  gpuHours: 0,
  gpuCost: 0,
  networkTransferBytes: 1_000.4,
  networkReceiveBytes: 2_000.6,
  networkCost: 0,
  pvs: null,
  ramBytes: 1_000,
  ramByteRequestAverage: 900,
  ramByteUsageAverage: 1_000,
  ramByteHours: 500,
  ramCost: 0.00001,
  totalCost: 0.00474,
  lbAllocations: null,
};

/** What the row says, and what is wrong with it, where the hour before its own and the one after it are asked for too. */
export const readAllocationRow = (row: object, key = ALLOCATION_KEY) => {
  const faults: Faults = { first: null };
  const context = { from: ALLOCATION_HOUR - HOUR_MS, to: ALLOCATION_HOUR + 2 * HOUR_MS, statedAt: STATED_AT };
  return { ...readAllocation(key, { ...row }, { ...context, faults }), fault: faults.first };
};
