import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chargedMs, type KubernetesLab, openKubernetesLab } from '../../../test/support/kubernetes-lab.ts';
import { nodeObject, ownerObject, podObject } from '../../../test/support/kubernetes-objects.ts';
import { waitFor } from '../../../test/support/wait-for.ts';

const HOUR = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number) => HOUR + seconds * 1_000;
const UID = 'uid-web-1';

describe('a cluster seen through its own API', () => {
  let lab: KubernetesLab;
  beforeEach(async () => {
    lab = await openKubernetesLab(HOUR);
    lab.api.put('nodes', nodeObject('n1'));
    await lab.watching();
  });
  afterEach(() => lab.close());

  test('a pod of 30 seconds is told as exactly its 30 seconds', async () => {
    lab.api.put('pods', podObject({ node: '', phase: 'Pending', containers: [] }));
    lab.clock.set(at(102));
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(100) } }] }));
    lab.clock.set(at(131));
    lab.api.put('pods', podObject({ phase: 'Succeeded', containers: [{ state: { terminated: [at(100), at(130)] } }] }));
    lab.clock.set(at(160));
    lab.api.remove('pods', UID);
    const samples = await waitFor(() => atLeast(lab, UID, 2));
    expect(samples.map(({ at, phase, startedAt, endedAt }) => [at, phase, startedAt, endedAt])).toEqual([
      [at(100), 'Running', at(100), null],
      [at(130), 'Succeeded', at(100), at(130)],
    ]);
    expect(chargedMs(samples)).toBe(30_000);
  });

  test('a pod that nobody saw alive is told from its last state', async () => {
    lab.clock.set(at(200));
    const life = { state: { terminated: [at(100), at(130), 1] } } as const;
    lab.api.put('pods', podObject({ phase: 'Failed', containers: [life] }));
    const samples = await waitFor(() => atLeast(lab, UID, 2));
    expect(samples.map(({ at, phase }) => [at, phase])).toEqual([
      [at(100), 'Running'],
      [at(130), 'Failed'],
    ]);
  });

  test('a container that cannot pull its image, or waits after a crash, is never Running', async () => {
    lab.api.put('pods', podObject({ phase: 'Pending', containers: [{ state: { waiting: 'ImagePullBackOff' } }] }));
    await waitFor(() => atLeast(lab, UID, 1));
    lab.clock.set(at(900));
    await beat(lab, at(600));
    const crashed = {
      state: { waiting: 'CrashLoopBackOff' },
      lastState: { terminated: [at(700), at(710), 137] },
    } as const;
    lab.api.put('pods', podObject({ containers: [crashed] }));
    const samples = await waitFor(() => atLeast(lab, UID, 4));
    expect(samples.map(({ at, phase }) => [at, phase])).toEqual([
      [at(0), 'Pending'],
      [at(700), 'Running'],
      [at(710), 'Failed'],
      [at(900), 'Pending'],
    ]);
    expect(chargedMs(samples)).toBe(10_000);
  });

  test('a container that could not be started never ran', async () => {
    const failed = { state: { terminated: [0, at(10), 128] } } as const; // the API writes 1970 for "never began"
    lab.api.put('pods', podObject({ containers: [failed, { name: 'side', state: { running: at(5) } }] }));
    const samples = await waitFor(() => atLeast(lab, UID, 1));
    expect(samples.map(({ container }) => container)).toEqual(['side']);
  });

  test('a restart keeps the first run and its end, also within one second', async () => {
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(0) } }] }));
    lab.clock.set(at(61));
    const restarted = { state: { running: at(60) }, lastState: { terminated: [at(0), at(60), 1] } } as const;
    lab.api.put('pods', podObject({ containers: [restarted] }));
    lab.clock.set(at(80));
    const over = { state: { terminated: [at(60), at(75)] }, lastState: { terminated: [at(0), at(60), 1] } } as const;
    lab.api.put('pods', podObject({ phase: 'Succeeded', containers: [over] }));
    const samples = await waitFor(() => atLeast(lab, UID, 4));
    expect(samples.map(({ at, phase, startedAt }) => [at, phase, startedAt])).toEqual([
      [at(0), 'Running', at(0)],
      [at(60), 'Failed', at(0)],
      [at(60) + 1, 'Running', at(60)],
      [at(75), 'Succeeded', at(60)],
    ]);
    expect(Math.abs(chargedMs(samples) - 75_000)).toBeLessThanOrEqual(1);
  });

  test('a resize in place counts from the instant that it was seen, by what the node allocated', async () => {
    lab.api.put('pods', podObject({ containers: [{ cpu: '250m', state: { running: at(0) } }] }));
    await waitFor(() => atLeast(lab, UID, 1));
    lab.clock.set(at(40));
    const allocated = { cpu: '1', memory: '256Mi' };
    lab.api.put('pods', podObject({ containers: [{ cpu: '2', allocated, state: { running: at(0) } }] }));
    const samples = await waitFor(() => atLeast(lab, UID, 2));
    expect(samples.map(({ at, cpuRequest }) => [at, cpuRequest])).toEqual([
      [at(0), 250_000_000],
      [at(40), 1_000_000_000],
    ]);
  });

  test('GPUs are told whole, in slices, and as the part of one that the node shares them in', async () => {
    lab.api.put(
      'nodes',
      nodeObject('n2', {
        labels: { 'nvidia.com/gpu.replicas': '4' },
        capacity: { 'nvidia.com/gpu.shared': '8', 'nvidia.com/mig-3g.20gb': '2' },
      }),
    );
    await waitFor(() => lab.batches.some(({ nodes }) => nodes.some(({ node }) => node === 'n2')));
    const asks = [
      { 'nvidia.com/gpu.shared': '1' },
      { 'nvidia.com/mig-3g.20gb': '1' },
      { 'amd.com/gpu': '2' },
      { cpu: '1' },
    ];
    const containers = asks.map((requests, index) => ({ name: `c${index}`, requests, state: { running: at(0) } }));
    lab.api.put('pods', podObject({ node: 'n2', containers }));
    const samples = await waitFor(() => atLeast(lab, UID, asks.length));
    expect(
      samples.toSorted((a, b) => (a.container < b.container ? -1 : 1)).map(({ gpuRequest }) => gpuRequest),
    ).toEqual([250_000_000, 428_571_428, 2e9, undefined]);
    lab.clock.set(at(315));
    const batch = await beat(lab, at(300));
    expect(batch.nodes.map(({ node, gpuCapacity }) => [node, gpuCapacity])).toEqual([
      ['n1', null],
      ['n2', 3e9],
    ]);
  });

  test('a name that moved to another pod is two pods', async () => {
    const first = podObject({ uid: 'uid-a', name: 'db-0', containers: [{ state: { running: at(0) } }] });
    lab.api.put('pods', first);
    await waitFor(() => atLeast(lab, 'uid-a', 1));
    lab.clock.set(at(50));
    lab.api.remove('pods', 'uid-a');
    lab.api.put('pods', podObject({ uid: 'uid-b', name: 'db-0', containers: [{ state: { running: at(55) } }] }));
    await waitFor(() => atLeast(lab, 'uid-b', 1));
    expect(lab.samplesOf('uid-a').at(-1)).toMatchObject({ at: at(50), endedAt: at(50), pod: 'db-0' });
    expect(lab.samplesOf('uid-b')).toMatchObject([{ at: at(55), startedAt: at(55), endedAt: null, pod: 'db-0' }]);
  });

  test('what runs is told again every five minutes of the clock, and nothing else', async () => {
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(7) } }] }));
    lab.api.put('persistentvolumeclaims', claim);
    lab.api.put('persistentvolumes', volume);
    lab.api.put('services', service);
    await waitFor(() => atLeast(lab, UID, 1));
    lab.clock.set(at(915));
    const batch = await beat(lab, at(900));
    expect(lab.samplesOf(UID).map(({ at, startedAt }) => [at, startedAt])).toEqual(
      [7, 300, 600, 900].map((second) => [at(second), at(7)]),
    );
    expect(batch.nodes).toMatchObject([
      { node: 'n1', cpuCapacity: 4e9, memoryCapacity: 16 * 2 ** 30, hourlyCost: null },
    ]);
    expect(batch.volumes).toMatchObject([
      { claim: 'data', volume: 'pv-1', providerId: 'vol-1', capacity: 2 ** 30, request: 2 ** 30, pods: [] },
    ]);
    expect(batch.balancers).toMatchObject([{ service: 'front', ingress: '198.51.100.7', hourlyCost: null }]);
  });

  test('namespaces and services are told once an hour, and when they change', async () => {
    const namespacesTold = () => lab.batches.flatMap(({ namespaces = [] }) => namespaces);
    const servicesTold = () => lab.batches.flatMap(({ services = [] }) => services);
    lab.api.put('services', service);
    lab.api.put('namespaces', namespaceOf({ team: 'blue' }));
    await waitFor(() => lab.watch.cluster().uid !== null);
    lab.clock.set(at(615));
    await beat(lab, at(600));
    expect(namespacesTold().at(-1)).toEqual({
      at: at(0),
      namespace: 'kube-system',
      labels: { team: 'blue' },
      annotations: { 'shop.example/contact': 'ann' },
    });
    expect(servicesTold()).toEqual([{ at: at(0), namespace: 'shop', service: 'front', selector: { app: 'web' } }]);

    lab.api.remove('namespaces', 'ns1');
    lab.api.put('namespaces', namespaceOf({ team: 'red' }, 'ns2'));
    await waitFor(() => lab.watch.cluster().uid === 'ns2');
    lab.clock.set(at(3_915));
    await beat(lab, at(3_900));
    expect(namespacesTold().map(({ at, labels }) => [at, labels['team']])).toEqual([
      [at(0), 'blue'],
      [at(900), 'red'],
      [at(3_600), 'red'],
    ]);
    expect(servicesTold().map((sample) => sample.at)).toEqual([at(0), at(3_600)]);
  });

  test('an end that is heard of after a heartbeat takes it back', async () => {
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(100) } }] }));
    await waitFor(() => atLeast(lab, UID, 1));
    lab.clock.set(at(320));
    await beat(lab, at(300));
    lab.api.put('pods', podObject({ phase: 'Failed', containers: [{ state: { terminated: [at(100), at(290), 1] } }] }));
    const samples = await waitFor(() => atLeast(lab, UID, 4));
    expect(Math.abs(chargedMs(samples) - 190_000)).toBeLessThanOrEqual(1);
  });

  test('an evicted pod ends when that is heard of, though its containers do not say so', async () => {
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(0) } }] }));
    await waitFor(() => atLeast(lab, UID, 1));
    lab.clock.set(at(90));
    lab.api.put('pods', podObject({ phase: 'Failed', containers: [{ state: { running: at(0) } }] }));
    const samples = await waitFor(() => atLeast(lab, UID, 2));
    expect(samples.at(-1)).toMatchObject({ at: at(90), phase: 'Failed', endedAt: at(90) });
  });

  test('a pod on a node that is gone is not told as running', async () => {
    lab.api.put('pods', podObject({ containers: [{ state: { running: at(0) } }] }));
    await waitFor(() => atLeast(lab, UID, 1));
    lab.api.put('nodes', nodeObject('n2'));
    lab.api.remove('nodes', 'uid-n1');
    await waitFor(() => lab.batches.some(({ nodes }) => nodes.some(({ node }) => node === 'n2')));
    lab.clock.set(at(320));
    await beat(lab, at(300));
    expect(lab.samplesOf(UID)).toHaveLength(1);
  });

  test('owners are those that people know: through ReplicaSets and Jobs, and others as they are', async () => {
    lab.api.put('replicasets', ownerObject('rs', 'web-7d4c', { uid: 'd', kind: 'Deployment', name: 'web' }));
    lab.api.put('jobs', ownerObject('job', 'nightly-x1', { uid: 'c', kind: 'CronJob', name: 'nightly' }));
    lab.api.put('jobs', ownerObject('job-2', 'once'));
    await waitFor(() => lab.watch.state().initialized.length === 8);
    const owners = [
      [{ uid: 'rs', kind: 'ReplicaSet', name: 'web-7d4c' }, 'Deployment/web'],
      [{ uid: 'job', kind: 'Job', name: 'nightly-x1' }, 'CronJob/nightly'],
      [{ uid: 'job-2', kind: 'Job', name: 'once' }, 'Job/once'],
      [{ uid: 'sts', kind: 'StatefulSet', name: 'db' }, 'StatefulSet/db'],
      [{ uid: 'crd', kind: 'SparkApplication', name: 'pi' }, 'SparkApplication/pi'],
      [undefined, '/'],
    ] as const;
    lab.clock.set(at(10));
    for (const [index, [owner]] of owners.entries()) {
      const life = { state: { running: at(0) } };
      lab.api.put(
        'pods',
        podObject({ uid: `p${index}`, name: `p${index}`, ...(owner ? { owner } : {}), containers: [life] }),
      );
    }
    await waitFor(() => atLeast(lab, `p${owners.length - 1}`, 1));
    lab.clock.set(at(320));
    await beat(lab, at(300)); // the owners have been heard of by then, in whatever order the watches spoke
    const found = owners.map((_, index) => lab.samplesOf(`p${index}`).at(-1));
    expect(found.map((sample) => `${sample?.controllerKind}/${sample?.controller}`)).toEqual(
      owners.map(([, want]) => want),
    );
  });

  test('it knows which cluster it is', async () => {
    expect(lab.watch.cluster()).toEqual({ name: null, uid: null });
    lab.api.put('nodes', nodeObject('n3', { annotations: { 'cluster.x-k8s.io/cluster-name': 'prod-1' } }));
    lab.api.put('namespaces', { metadata: { uid: 'cluster-uid', name: 'kube-system' } });
    await waitFor(() => lab.watch.cluster().name === 'prod-1' && lab.watch.cluster().uid === 'cluster-uid');
  });

  test('it asks for nothing that deploy/rbac.yaml does not allow, and needs all that it allows', async () => {
    lab.api.breakOff();
    await waitFor(() => lab.api.requests.length >= 24);
    expect(lab.api.refusals).toEqual([]);
    expect(new Set(lab.api.requests).size).toBe(16);
  });
});

const claim = {
  metadata: { uid: 'c1', name: 'data', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { volumeName: 'pv-1', storageClassName: 'gp3', resources: { requests: { storage: '1Gi' } } },
  status: { capacity: { storage: '1Gi' } },
};
const volume = {
  metadata: { uid: 'v1', name: 'pv-1' },
  spec: { capacity: { storage: '1Gi' }, csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } },
};
const service = {
  metadata: { uid: 's1', name: 'front', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' } },
  status: { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } },
};

const namespaceOf = (labels: Record<string, string>, uid = 'ns1') => ({
  metadata: {
    uid,
    name: 'kube-system',
    labels,
    annotations: { 'shop.example/contact': 'ann', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
  },
});

function atLeast(lab: KubernetesLab, podUid: string, count: number) {
  const samples = lab.samplesOf(podUid);
  return samples.length >= count ? samples : undefined;
}

/** The batch that carries the nodes of a heartbeat. */
function beat({ batches }: KubernetesLab, instant: number) {
  return waitFor(() => batches.find(({ nodes }) => nodes.some((node) => node.at === instant)));
}
