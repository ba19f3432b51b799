import * as fc from 'fast-check';
import type { HourFact } from '../../src/core/hour-facts.ts';
import { ratesOf } from '../../src/core/price-rates.ts';
import type { SampleBatch } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { parseMoney } from '../../src/lib/money.ts';
import { factBatch } from './facts.ts';
import type { LedgerLab } from './ledger-lab.ts';
import { containerSample, nodeSample } from './samples.ts';

/**
 * Tenants that pay for everything there is: nodes of known and unknown size, GPUs, volumes that are mounted or not, load balancers, traffic,
 * the fee for the cluster, and whatever a source states of whole hours.
 */
export const BILL_START = Date.UTC(2026, 0, 5, 10);
export const BILL_HOURS = 3;
/** When it is asked about: the days of the bill are over. */
export const BILL_NOW = BILL_START + 48 * HOUR_MS;
const GIB = 2 ** 30;

export interface Bill {
  readonly sampled: Sampled;
  readonly stated: readonly Record<string, number>[];
}

/** Writes a bill as a new tenant's ledger, in two clusters, and returns the tenant. */
export async function putBill(lab: LedgerLab, { sampled, stated }: Bill): Promise<string> {
  const tenant = await lab.tenant();
  const [east, west] = [await lab.cluster(tenant, 'east'), await lab.cluster(tenant, 'west')];
  const rates = { ...ratesOf(() => parseMoney('0.013')), managementHour: parseMoney('0.1') };
  const book = { base: 'default', rates, storageClasses: {}, rules: [], note: '', createdBy: 'test' } as const;
  const dated = { effectiveFrom: BILL_START - HOUR_MS, createdAt: BILL_START };
  await lab.prices.add(tenant, { ...book, ...dated, clusterId: null });
  await lab.put({ tenant, cluster: east }, sampledBatch(sampled));
  await lab.put({ tenant, cluster: west }, statedBatch(stated));
  await lab.roll();
  return tenant;
}

const node = fc.record({
  cpuCapacity: fc.option(fc.integer({ min: 5e8, max: 64e9 }), { freq: 4 }),
  gpuCapacity: fc.option(fc.constantFrom(1e9, 8e9)),
  hourlyCost: fc.option(fc.constantFrom('0.1', '0.526', '32.772599')),
  spot: fc.boolean(),
});
const pod = fc.record({
  node: fc.nat({ max: 2 }),
  namespace: fc.constantFrom('shop', 'data', 'kube-system'),
  cpuRequest: fc.option(fc.nat({ max: 9e9 })),
  cpuUsage: fc.option(fc.nat({ max: 9e9 })),
  memoryUsage: fc.option(fc.nat({ max: 64 * GIB })),
  gpuRequest: fc.option(fc.constantFrom(5e8, 1e9)),
  sent: fc.option(fc.nat({ max: 100 * GIB })),
  claim: fc.option(fc.nat({ max: 1 })),
});
const sampledArbitrary = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
  pods: fc.array(pod, { maxLength: 5 }),
  claims: fc.array(fc.nat({ max: 500 * GIB }), { maxLength: 2 }),
  balancers: fc.array(fc.option(fc.constantFrom('0.025', '0.0225')), { maxLength: 2 }),
});
type Sampled = typeof sampledArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** A post every ten minutes; counters of traffic grow by as much each time. */
function sampledBatch({ nodes, pods, claims, balancers }: Sampled): SampleBatch {
  const ats = Array.from({ length: BILL_HOURS * 6 }, (_, tick) => BILL_START + tick * 10 * MINUTE_MS);
  return {
    source: 'collector',
    nodes: ats.flatMap((at) =>
      nodes.map((one, i) => nodeSample({ at, node: `n${i}`, memoryCapacity: 16 * GIB, ...one })),
    ),
    containers: ats.flatMap((at, tick) =>
      pods.map((one, i) => {
        const { namespace, cpuRequest, cpuUsage, memoryUsage, gpuRequest } = one;
        const counter = one.sent === null ? null : one.sent * tick;
        const traffic = { networkZoneSent: counter, networkRegionSent: 0, networkInternetSent: counter };
        const names = { node: `n${one.node % nodes.length}`, namespace, pod: `p${i}` };
        const amounts = { cpuRequest, cpuUsage, memoryUsage, gpuRequest, ...(counter === null ? {} : traffic) };
        return containerSample({ at, ...names, ...amounts });
      }),
    ),
    volumes: ats.flatMap((at) =>
      claims.map((capacity, i) => ({
        at,
        namespace: 'shop',
        claim: `c${i}`,
        volume: `pv-${i}`,
        storageClass: 'gp3',
        providerId: '',
        capacity,
        request: null,
        usage: null,
        pods: pods.flatMap((one, p) => (one.namespace === 'shop' && one.claim === i ? [`p${p}`] : [])),
        labels: {},
      })),
    ),
    balancers: ats.flatMap((at) =>
      balancers.map((hourlyCost, i) => ({ at, namespace: 'shop', service: `s${i}`, ingress: '', hourlyCost })),
    ),
  };
}

const pico = fc.nat({ max: 5e12 });
const statedArbitrary = fc.array(
  fc.record({
    cpu_cost_pico: pico,
    ram_cost_pico: pico,
    gpu_cost_pico: pico,
    network_cost_pico: pico,
    external_cost_pico: pico,
    lb_cost_pico: pico,
    cpu_cost_adjustment_pico: fc.integer({ min: -1e12, max: 1e12 }),
    network_cost_adjustment_pico: fc.integer({ min: -1e12, max: 1e12 }),
    pv_cost_pico: pico,
  }),
  { maxLength: 4 },
);

/** What Kubecost states of containers and their volumes. */
function statedBatch(rows: readonly Record<string, number>[]): SampleBatch {
  const facts = rows.flatMap(({ pv_cost_pico = 0, ...amounts }, i): HourFact[] => {
    const fact = {
      hour: BILL_START,
      statedAt: BILL_NOW,
      node: `n${i % 2}`,
      namespace: 'shop',
      pod: `p${i}`,
      texts: {},
      labels: {},
    };
    return [
      { ...fact, kind: 'container', container: 'app', name: '', amounts: { run_ms: HOUR_MS, ...amounts } },
      { ...fact, kind: 'storage', container: '', name: `pv-${i}`, amounts: { pv_cost_pico, pv_bs: 1 } },
    ];
  });
  return factBatch(facts, 'kubecost');
}

export const bills: fc.Arbitrary<Bill> = fc.record({ sampled: sampledArbitrary, stated: statedArbitrary });
