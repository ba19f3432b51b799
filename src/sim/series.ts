/**
 * What a Prometheus that scrapes a cluster of the fleet would hold at an instant: cAdvisor and `up` from every node,
 * kube-state-metrics, and OpenCost's prices. Labels are as these exporters write them; `node` stands on cAdvisor's series
 * as the usual scrape configuration puts it there.
 *
 * Traps of the real thing are kept: kube-state-metrics goes on telling the requests of a job's pod after its end, until the
 * pod is cleaned up, and its times are whole seconds.
 */
import { DEFAULT_PRICE_BOOK } from '../core/pricing.ts';
import { moneyToNumber } from '../lib/money.ts';
import { createCounters } from './counters.ts';
import { clusterOf, type Fleet, type FleetCluster } from './fleet.ts';
import { namespacesOf, servicesOf } from './namespaces.ts';
import { hostOf, nodeSeries } from './node-series.ts';
import { ownerSeries, podStateSeries, podUsageSeries } from './pod-series.ts';
import { annotationNames, labelNames, point, type SeriesPoint } from './series-point.ts';
import { AFTERLIFE, type Afterlife, nodesAt, podsAt } from './snapshot.ts';

export interface SeriesRequest {
  readonly cluster: string;
  /** Milliseconds: the scrape's instant. */
  readonly at: number;
}

/** Finished jobs are listed for a while, deleted pods are gone. */
const LISTED: Afterlife = { ...AFTERLIFE, deletedMs: 0 };
const STORAGE_CLASS = 'gp3';

/**
 * Counters run from the container's start, or from the fleet's where that is later. Asking for instants in order is cheap;
 * an earlier one is counted anew. Throws AppError `not_found` for an unknown cluster.
 */
export function* seriesAt(fleet: Fleet, { cluster: name, at }: SeriesRequest): Generator<SeriesPoint> {
  const cluster = clusterOf(fleet, name);
  const counters = createCounters(fleet, name);
  const owners = new Map<string, SeriesPoint>();
  for (const slot of cluster.slots) {
    for (const node of nodesAt(slot, at)) {
      yield point('up', { job: 'kubelet', node: node.name, instance: `${hostOf(node)}:10250` }, 1);
      yield* nodeSeries(node, cluster.plan.region);
    }
    for (const seen of podsAt(slot, at, { afterlife: LISTED })) {
      if (seen.phase === 'Running') yield* podUsageSeries(seen, counters, at);
      yield* podStateSeries(seen);
      for (const owner of ownerSeries(seen.run)) owners.set(JSON.stringify(owner.labels), owner);
    }
  }
  yield* owners.values();
  yield* volumeSeries(cluster);
  yield* balancerSeries(cluster);
  yield* namespaceSeries(cluster);
  yield point('up', { job: 'kube-state-metrics', instance: 'kube-state-metrics:8080' }, 1);
  yield point('up', { job: 'opencost', instance: 'opencost:9003' }, 1);
}

function* volumeSeries({ pods }: FleetCluster): Generator<SeriesPoint> {
  for (const { placement } of pods) {
    const { workload, replica } = placement;
    if (workload.volumeBytes === 0) continue;
    const persistentvolumeclaim = `data-${workload.name}-${replica}`;
    const claim = { namespace: workload.namespace, persistentvolumeclaim };
    const volumename = `pvc-${workload.namespace}-${persistentvolumeclaim}`;
    yield point('kube_persistentvolumeclaim_info', { ...claim, storageclass: STORAGE_CLASS, volumename }, 1);
    yield point('kube_persistentvolumeclaim_resource_requests_storage_bytes', claim, workload.volumeBytes);
    yield point('kube_persistentvolume_capacity_bytes', { persistentvolume: volumename }, workload.volumeBytes);
    yield point(
      'pv_hourly_cost',
      { volumename, persistentvolume: volumename },
      moneyToNumber(DEFAULT_PRICE_BOOK.storageGibHour),
    );
  }
}

function* balancerSeries({ plan }: FleetCluster): Generator<SeriesPoint> {
  for (const { namespace, name, balancer } of plan.workloads) {
    if (!balancer) continue;
    const labels = { namespace, service_name: name, ingress_ip: `${name}.${namespace}.elb.amazonaws.com` };
    yield point('kubecost_load_balancer_cost', labels, moneyToNumber(DEFAULT_PRICE_BOOK.balancerHour));
  }
}

/** kube-state-metrics' of namespaces, and OpenCost's of services. */
function* namespaceSeries(cluster: FleetCluster): Generator<SeriesPoint> {
  for (const { name: namespace, labels, annotations } of namespacesOf(cluster)) {
    yield point('kube_namespace_labels', { namespace, ...labelNames(labels) }, 1);
    yield point('kube_namespace_annotations', { namespace, ...annotationNames(annotations) }, 1);
  }
  for (const { namespace, name: service, selector } of servicesOf(cluster)) {
    yield point('service_selector_labels', { namespace, service, ...labelNames(selector) }, 1);
  }
}
