import { addMoney, type Money, ZERO } from '../../lib/money.ts';

type AmountName =
  | 'cpuCoreSeconds'
  | 'cpuRequestCoreSeconds'
  | 'cpuUsageCoreSeconds'
  | 'ramByteSeconds'
  | 'ramRequestByteSeconds'
  | 'ramUsageByteSeconds'
  | 'gpuSeconds'
  | 'gpuRequestSeconds'
  | 'gpuUsageSeconds'
  | 'networkReceivedBytes'
  | 'networkSentBytes'
  | 'pvByteSeconds';

/** What was held, asked for and used over a span of time: core-seconds, byte-seconds, GPU-seconds, bytes. */
export type Amounts = Readonly<Record<AmountName, number>>;

/** Amounts of which each is what `pick` says. */
export function amountsBy(pick: (name: AmountName) => number): Amounts {
  return {
    cpuCoreSeconds: pick('cpuCoreSeconds'),
    cpuRequestCoreSeconds: pick('cpuRequestCoreSeconds'),
    cpuUsageCoreSeconds: pick('cpuUsageCoreSeconds'),
    ramByteSeconds: pick('ramByteSeconds'),
    ramRequestByteSeconds: pick('ramRequestByteSeconds'),
    ramUsageByteSeconds: pick('ramUsageByteSeconds'),
    gpuSeconds: pick('gpuSeconds'),
    gpuRequestSeconds: pick('gpuRequestSeconds'),
    gpuUsageSeconds: pick('gpuUsageSeconds'),
    networkReceivedBytes: pick('networkReceivedBytes'),
    networkSentBytes: pick('networkSentBytes'),
    pvByteSeconds: pick('pvByteSeconds'),
  };
}

export const NO_AMOUNTS: Amounts = amountsBy(() => 0);

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return amountsBy((name) => a[name] + b[name]);
}

/** What the network's cost is made of, by where traffic goes. */
export type TrafficCosts = Readonly<Record<'crossZone' | 'crossRegion' | 'internet', Money>>;

export const NO_TRAFFIC: TrafficCosts = { crossZone: ZERO, crossRegion: ZERO, internet: ZERO };

export function addTraffic(a: TrafficCosts, b: TrafficCosts): TrafficCosts {
  return {
    crossZone: addMoney(a.crossZone, b.crossZone),
    crossRegion: addMoney(a.crossRegion, b.crossRegion),
    internet: addMoney(a.internet, b.internet),
  };
}
