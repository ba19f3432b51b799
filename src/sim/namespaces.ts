/** What the namespaces of a cluster say of themselves, and the services that stand before its workloads. */
import type { FleetCluster } from './fleet.ts';

export interface FleetNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A namespace is its first workload's team's. */
export function namespacesOf({ plan }: FleetCluster): FleetNamespace[] {
  const firsts = new Map(plan.workloads.toReversed().map((workload) => [workload.namespace, workload]));
  return [...firsts].map(([name, { team, env }]) => ({
    name,
    labels: { 'kubernetes.io/metadata.name': name, team, env },
    annotations: { 'example.com/contact': `${team}@example.com` },
  }));
}

export interface FleetService {
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
}

/** One for each workload that answers requests. */
export function servicesOf({ plan }: FleetCluster): FleetService[] {
  return plan.workloads
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ namespace, name }) => ({ namespace, name, selector: { 'app.kubernetes.io/name': name } }));
}
