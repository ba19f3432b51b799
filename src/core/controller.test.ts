import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PodOwner, resolveController } from './controller.ts';

type Labels = PodOwner['labels'];

const controllerOf = (owner: Partial<PodOwner>) => {
  const { kind, name } = resolveController({ kind: '', name: '', labels: {}, ...owner });
  return `${kind}/${name}`;
};

test('an owner reference resolves to the controller people know', () => {
  const f = (kind: string, name: string, labels: Labels, want: string) =>
    expect(controllerOf({ kind, name, labels }), `${kind}/${name}`).toBe(want);
  f('ReplicaSet', 'web-7d4c9b8f5d', { 'pod-template-hash': '7d4c9b8f5d' }, 'Deployment/web');
  f('ReplicaSet', 'web-api-7d4c9b8f5d', { 'pod-template-hash': '7d4c9b8f5d' }, 'Deployment/web-api');
  f('ReplicaSet', 'web-7d4c9b8f5d', {}, 'ReplicaSet/web-7d4c9b8f5d');
  f('ReplicaSet', 'web-7d4c9b8f5d', { 'pod-template-hash': 'other' }, 'ReplicaSet/web-7d4c9b8f5d');
  f('ReplicaSet', '-7d4c', { 'pod-template-hash': '7d4c' }, 'ReplicaSet/-7d4c');
  f('ReplicaSet', 'canary-5c6d', { 'rollouts-pod-template-hash': '5c6d' }, 'Rollout/canary');
  f('Job', 'backup-29345678', {}, 'CronJob/backup');
  f('Job', 'backup-1612345680', {}, 'CronJob/backup');
  f('Job', 'migrate', {}, 'Job/migrate');
  f('Job', 'report-20260131', {}, 'Job/report-20260131');
  f('Job', 'import-12345678', {}, 'Job/import-12345678');
  f('Job', '29345678', {}, 'Job/29345678');
  f('StatefulSet', 'db', {}, 'StatefulSet/db');
  f('DaemonSet', 'node-agent', {}, 'DaemonSet/node-agent');
  f('Node', 'ip-10-0-0-1', {}, 'Node/ip-10-0-0-1');
  f('', '', {}, '/');
});

test('where no owner is known, the labels of the controllers tell it', () => {
  const f = (pod: string, labels: Labels, want: string) => expect(controllerOf({ pod, labels }), pod).toBe(want);
  f('web-7d4c9b8f5d-x2x5z', { 'pod-template-hash': '7d4c9b8f5d' }, 'Deployment/web');
  f('canary-5c6d-abcde', { 'rollouts-pod-template-hash': '5c6d' }, 'Rollout/canary');
  f('web-7d4c9b8f5d-x2x5z', { 'pod-template-hash': 'zzz' }, '/');
  f('db-0', { 'statefulset.kubernetes.io/pod-name': 'db-0' }, 'StatefulSet/db');
  f('agent-x2x5z', { 'controller-revision-hash': 'abc', 'pod-template-generation': '3' }, 'DaemonSet/agent');
  f('backup-29345678-k2k2k', { 'job-name': 'backup-29345678' }, 'CronJob/backup');
  f('backup-29345678-k2k2k', { 'batch.kubernetes.io/job-name': 'backup-29345678' }, 'CronJob/backup');
  f('web-7d4c9b8f5d-x2x5z', {}, '/');
  f('lonely', { app: 'lonely' }, '/');
});

test('a known owner is never overruled by labels of another controller', () => {
  expect(controllerOf({ kind: 'StatefulSet', name: 'db', pod: 'db-0', labels: { 'job-name': 'x' } })).toBe(
    'StatefulSet/db',
  );
});

test('a rollout never changes the controller', () => {
  const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, fc.stringMatching(/^[bcdf2456789]{8,10}$/), (name, hash) => {
      const labels = { 'pod-template-hash': hash };
      expect(controllerOf({ kind: 'ReplicaSet', name: `${name}-${hash}`, labels })).toBe(`Deployment/${name}`);
      expect(controllerOf({ pod: `${name}-${hash}-x2x5z`, labels })).toBe(`Deployment/${name}`);
    }),
  );
});
