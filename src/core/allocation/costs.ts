import { addMoney, type Money, subtractMoney, ZERO } from '../../lib/money.ts';

/**
 * What a cost is made of. Whatever a node is paid for can stand idle on it; the rest is only there when it is used.
 * Another resource is another row here and another column in queries/allocation-columns.ts.
 */
const RESOURCE_TABLE = {
  cpu: { ofNode: true },
  ram: { ofNode: true },
  gpu: { ofNode: true },
  pv: { ofNode: false },
  network: { ofNode: false },
  loadBalancer: { ofNode: false },
  /** What somebody outside of the cluster bills for it. */
  external: { ofNode: false },
  /** The fee for managing a cluster. */
  management: { ofNode: false },
} as const;

export type Resource = keyof typeof RESOURCE_TABLE;
export type NodeResource = { [R in Resource]: (typeof RESOURCE_TABLE)[R]['ofNode'] extends true ? R : never }[Resource];

export const RESOURCES = [
  'cpu',
  'ram',
  'gpu',
  'pv',
  'network',
  'loadBalancer',
  'external',
  'management',
] as const satisfies readonly Resource[];
export const NODE_RESOURCES = ['cpu', 'ram', 'gpu'] as const satisfies readonly NodeResource[];

/** Exact amounts by resource. */
export type Costs = Readonly<Record<Resource, Money>>;
/** What idle capacity cost, by resource. */
export type IdleCosts = Readonly<Record<NodeResource, Money>>;

/** Costs of which each is what `pick` says. */
export function costsBy(pick: (resource: Resource) => Money): Costs {
  return {
    cpu: pick('cpu'),
    ram: pick('ram'),
    gpu: pick('gpu'),
    pv: pick('pv'),
    network: pick('network'),
    loadBalancer: pick('loadBalancer'),
    external: pick('external'),
    management: pick('management'),
  };
}

export const NO_COSTS: Costs = costsBy(() => ZERO);
export const NO_IDLE: IdleCosts = { cpu: ZERO, ram: ZERO, gpu: ZERO };

export function addCosts(a: Costs, b: Costs): Costs {
  return costsBy((resource) => addMoney(a[resource], b[resource]));
}

export function subtractCosts(a: Costs, b: Costs): Costs {
  return costsBy((resource) => subtractMoney(a[resource], b[resource]));
}

export function addIdle(a: IdleCosts, b: IdleCosts): IdleCosts {
  return { cpu: addMoney(a.cpu, b.cpu), ram: addMoney(a.ram, b.ram), gpu: addMoney(a.gpu, b.gpu) };
}

/** Everything but what is shared. */
export function sumCosts(costs: Costs): Money {
  let sum = ZERO;
  for (const resource of RESOURCES) sum = addMoney(sum, costs[resource]);
  return sum;
}

/** Of CPU, RAM and GPU: what can also stand idle. */
export function sumIdle(idle: IdleCosts): Money {
  return addMoney(addMoney(idle.cpu, idle.ram), idle.gpu);
}

export function sumMoney(amounts: readonly Money[]): Money {
  return amounts.reduce(addMoney, ZERO);
}
