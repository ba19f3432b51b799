/**
 * A large cluster's pods from the pages of a list to what is kept of them, against keeping the parsed objects, as an informer
 * does. `node bench/run.ts kubernetes`.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readPod } from '../src/sources/kubernetes/pod.ts';
import { podObject } from '../test/support/kubernetes-objects.ts';
import { type Figure, figure, median, takeTurns } from './support/figure.ts';

const PODS = 10_000;
const PODS_PER_PAGE = 250;
const ENVIRONMENT = 40;
const TURNS = 5;
const MIB = 2 ** 20;
const STARTED_AT = Date.UTC(2026, 0, 5);

export async function* benchKubernetes(): AsyncGenerator<Figure> {
  const pages = Array.from({ length: PODS / PODS_PER_PAGE }, (_, page) => pageOf(page * PODS_PER_PAGE));
  const records = { value: heldMib(() => pages.flatMap((page) => itemsOf(page).map(readPod))), unit: 'MiB' };
  const objects = heldMib(() => pages.flatMap(itemsOf));
  yield figure('kubernetes_pods_memory', records, { name: 'parsed_objects', value: objects });
  const works = {
    records: async () => void pages.map((page) => itemsOf(page).map(readPod)),
    objects: async () => void pages.map(itemsOf),
  };
  const taken = await takeTurns(works, TURNS);
  const perSecond = (ms: readonly number[]) => (PODS * 1_000) / median(ms);
  const rate = { value: perSecond(taken.records), unit: 'pods/s' };
  yield figure('kubernetes_pods', rate, { name: 'json_parse_alone', value: perSecond(taken.objects) });
}

function itemsOf(page: Buffer): unknown[] {
  const { items }: { items: unknown[] } = JSON.parse(page.toString());
  return items;
}

/** Pods of some 8 KB, two containers each, as an API server writes them. */
function pageOf(first: number): Buffer {
  const items = Array.from({ length: PODS_PER_PAGE }, (_, index) => podJson(first + index));
  return Buffer.from(JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '1' }, items }));
}

function podJson(index: number) {
  const app = `web-${index % 500}`;
  const state = { running: STARTED_AT };
  const pod = podObject({
    uid: `0b5c1f6e-7a3d-4b7e-9d1c-${String(index).padStart(12, '0')}`,
    name: `${app}-7d4c9f6b8-${index}`,
    namespace: `team-${index % 50}`,
    node: `node-${index % 200}`,
    labels: { app, 'pod-template-hash': '7d4c9f6b8', 'app.kubernetes.io/name': app, version: 'v1.2.3' },
    owner: { uid: `rs-${index % 500}`, kind: 'ReplicaSet', name: `${app}-7d4c9f6b8` },
    containers: [{ state }, { name: 'istio-proxy', cpu: '100m', state }],
  });
  const environment = Array.from({ length: ENVIRONMENT }, (_, i) => ({
    name: `VARIABLE_${i}`,
    value: 'x'.repeat(100),
  }));
  return { ...pod, unused: environment };
}

/** Memory that stays in use as long as what `make` gives does. */
function heldMib(make: () => unknown): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const used = () => {
    if (typeof collect === 'function') collect();
    return process.memoryUsage().heapUsed / MIB;
  };
  const before = used();
  const held = [make()];
  const after = used();
  held.pop();
  return after - before;
}
