import { assetShares, type PlacedCost, sumsByPlace } from '../core/allocation/asset-shares.ts';
import { addCosts, NO_COSTS } from '../core/allocation/costs.ts';
import type { SharedSet } from '../core/allocation/share.ts';
import { type SharedPart, sharedPartsOf } from '../core/allocation/shared-parts.ts';
import { addMoney, type Money, subtractMoney, ZERO } from '../lib/money.ts';
import type { LedgerCut } from './allocation-cuts.ts';
import type { AllocatedBalancer, AllocatedVolume, AllocationQuestion, RowDetails } from './allocations.ts';

/** Shared costs that are nobody's namespace or label, by the words that they are asked with. */
const SHARED_NAMES = { monthly: 'shareCost', management: '__management__', idle: '__idle__' } as const;

interface Settled {
  readonly all: readonly LedgerCut[];
  readonly settled: SharedSet;
  readonly monthly: Money;
}

interface SettledRow {
  readonly key: string;
  /** All that it bears of shared costs. */
  readonly shared: Money;
}

interface Context {
  readonly question: AllocationQuestion;
  readonly names: ReadonlyMap<string, string>;
}

type DetailsOf = (own: readonly LedgerCut[], row: SettledRow) => { details?: RowDetails };

/** Tells of each row what the question asks beside its sums; nothing where it asks nothing. */
export function createDetails({ question, names }: Context, set: Settled): DetailsOf {
  const { details, share } = question;
  if (details === undefined && share.parts === undefined) return () => ({});
  const parts = share.parts === undefined ? [] : sharedParts(set);
  const placed = ({ cluster, place, costs }: LedgerCut): PlacedCost => ({
    cluster: names.get(cluster) ?? cluster,
    node: place,
    costs,
  });
  const totals = sumsByPlace(details?.assets ? set.all.map(placed) : []);
  return (own, row) => ({
    details: {
      volumes: details?.attachments ? volumesOf(own, names) : [],
      balancers: details?.attachments ? balancersOf(own, names) : [],
      labels: inCommon(own, ({ labels }) => labels),
      annotations: inCommon(own, ({ annotations }) => annotations),
      peaks: details?.peaks ? peaksOf(own) : null,
      sharedParts: share.parts === undefined ? [] : borneBy(row, parts, set),
      assetShares: details?.assets ? assetShares(own.map(placed), totals) : [],
    },
  });
}

/** Fees are those of the clusters that the row ran in; of the rest everybody bears some, in one ratio. */
function borneBy({ key, shared }: SettledRow, parts: readonly SharedPart[], { settled }: Settled): SharedPart[] {
  const fee = settled.fees.get(key) ?? ZERO;
  const rest = subtractMoney(shared, fee);
  const ofFees = fee === ZERO ? [] : [{ name: SHARED_NAMES.management, costs: { ...NO_COSTS, management: fee } }];
  return [...(rest === ZERO ? [] : sharedPartsOf(rest, parts)), ...ofFees];
}

/** What everybody bears, by what it was asked with. */
function sharedParts({ all, settled, monthly }: Settled): SharedPart[] {
  const chosen = all.filter(({ kind, part }) => kind === 'allocation' && part === 'shared');
  const named = [...Map.groupBy(chosen, ({ keys }) => keys[0] ?? '')].map(([name, cuts]) => ({
    name,
    costs: cuts.map(({ costs }) => costs).reduce(addCosts, NO_COSTS),
  }));
  return [
    ...named,
    { name: SHARED_NAMES.idle, costs: { ...NO_COSTS, ...settled.pooledIdle } },
    { name: SHARED_NAMES.monthly, costs: { ...NO_COSTS, external: monthly } },
  ];
}

function volumesOf(own: readonly LedgerCut[], names: ReadonlyMap<string, string>): AllocatedVolume[] {
  const volumes = own.flatMap(({ cluster, attachment, amounts, costs, adjustments }): AllocatedVolume[] => {
    if (attachment?.what !== 'volume') return [];
    const { name, address: providerId } = attachment;
    const money = { cost: costs.pv, adjustment: adjustments.pv };
    return [{ cluster: names.get(cluster) ?? cluster, name, providerId, byteSeconds: amounts.pvByteSeconds, ...money }];
  });
  return merged(volumes, ({ cluster, name }) => `${cluster} ${name}`).map(([first, ...others]) =>
    others.reduce(
      (sum, one) => ({ ...sum, ...added(sum, one), byteSeconds: sum.byteSeconds + one.byteSeconds }),
      first,
    ),
  );
}

function balancersOf(own: readonly LedgerCut[], names: ReadonlyMap<string, string>): AllocatedBalancer[] {
  const balancers = own.flatMap(({ cluster, attachment, costs, adjustments }): AllocatedBalancer[] => {
    if (attachment?.what !== 'balancer') return [];
    const { name, address: ip, seconds } = attachment;
    const [namespace = '', service = ''] = name.split('/');
    const money = { cost: costs.loadBalancer, adjustment: adjustments.loadBalancer };
    return [{ cluster: names.get(cluster) ?? cluster, namespace, service, ip, seconds, ...money }];
  });
  return merged(balancers, ({ cluster, namespace, service }) => `${cluster} ${namespace} ${service}`).map(
    ([first, ...others]) =>
      others.reduce((sum, one) => ({ ...sum, ...added(sum, one), seconds: sum.seconds + one.seconds }), first),
  );
}

function merged<T>(things: readonly T[], nameOf: (thing: T) => string): [T, ...T[]][] {
  return [...Map.groupBy(things, nameOf).values()].flatMap(([first, ...others]): [T, ...T[]][] =>
    first === undefined ? [] : [[first, ...others]],
  );
}

interface Priced {
  readonly cost: Money;
  readonly adjustment: Money;
}

function added(a: Priced, b: Priced): Priced {
  return { cost: addMoney(a.cost, b.cost), adjustment: addMoney(a.adjustment, b.adjustment) };
}

type Texts = Readonly<Record<string, string>>;

/** What all containers of a row have in common; what load balancers have not is no difference between them. */
function inCommon(own: readonly LedgerCut[], pick: (cut: LedgerCut) => Texts): Texts {
  const containers = own.filter(({ ran }) => ran !== null);
  const [first = {}, ...others] = (containers.length > 0 ? containers : own).map(pick);
  return others.reduce((common, texts) => {
    const known = new Map(Object.entries(texts));
    return Object.fromEntries(Object.entries(common).filter(([key, value]) => known.get(key) === value));
  }, first);
}

function peaksOf(own: readonly LedgerCut[]): RowDetails['peaks'] {
  const peaks = own.flatMap(({ peaks: peak }) => (peak === null ? [] : [peak]));
  if (peaks.length === 0) return null;
  return {
    cpuCores: peaks.reduce((most, { cpuCores }) => Math.max(most, cpuCores), 0),
    ramBytes: peaks.reduce((most, { ramBytes }) => Math.max(most, ramBytes), 0),
  };
}
