import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeclaredContainer, effectiveRequests } from './requests.ts';

const container = (cpu?: string): DeclaredContainer => ({
  name: 'app',
  isSidecar: false,
  requests: cpu === undefined ? null : { cpu },
});
const sidecar = (cpu: string): DeclaredContainer => ({ ...container(cpu), isSidecar: true });

interface Shape {
  readonly init?: readonly DeclaredContainer[];
  readonly app: readonly DeclaredContainer[];
  readonly overhead?: string;
  readonly pod?: string;
}

const cpuOf = ({ init = [], app, overhead, pod }: Shape) =>
  effectiveRequests({
    initContainers: init,
    containers: app,
    overhead: overhead === undefined ? null : { cpu: overhead },
    podRequests: pod === undefined ? null : { cpu: pod },
  }).cpu.map((nanocores) => nanocores / 1e6);

/** Millicores of `[...init, ...app]`. */
const CASES: readonly (readonly [name: string, shape: Shape, want: readonly number[]])[] = [
  ['each container has its own', { app: [container('250m'), container('1')] }, [250, 1_000]],
  ['who asks for nothing has nothing', { app: [container(), container('1')] }, [0, 1_000]],
  ['overhead goes to the first', { app: [container('250m'), container('1')], overhead: '100m' }, [350, 1_000]],
  ['a small init container changes nothing', { init: [container('100m')], app: [container('250m')] }, [100, 250]],
  ['what a large one needs is held for the pod', { init: [container('2')], app: [container('250m')] }, [2_000, 2_000]],
  [
    'an init container runs beside the sidecars before it, not after it',
    { init: [sidecar('500m'), container('1'), sidecar('100m')], app: [container('200m')] },
    [500, 1_000, 100, 900],
  ],
  ['a sidecar counts with the containers', { init: [sidecar('500m')], app: [container('200m')] }, [500, 200]],
  ['the pod may state its own', { app: [container(), container('250m')], pod: '1' }, [750, 250]],
];

test.each(CASES)('%s', (_name, shape, want) => {
  expect(cpuOf(shape)).toEqual(want);
});

test('containers and sidecars together ask for exactly what the scheduler holds for the pod', () => {
  const millicores = fc.integer({ min: 0, max: 8_000 });
  const some = fc.array(fc.record({ cpu: millicores, isSidecar: fc.boolean() }), { maxLength: 5 });
  fc.assert(
    fc.property(some, fc.array(millicores, { minLength: 1, maxLength: 5 }), millicores, (init, app, overhead) => {
      const held = heldByScheduler(init, app) + overhead;
      const requests = cpuOf({
        init: init.map(({ cpu, isSidecar }) => (isSidecar ? sidecar(`${cpu}m`) : container(`${cpu}m`))),
        app: app.map((cpu) => container(`${cpu}m`)),
        overhead: `${overhead}m`,
      });
      const lasting = requests.filter((_, index) => init[index]?.isSidecar !== false);
      expect(lasting.reduce((sum, cpu) => sum + cpu, 0)).toBe(held);
    }),
  );
});

/** As Kubernetes states it (KEP-753), in its own order: what is needed at each step of the pod's start, and then. */
function heldByScheduler(init: readonly { cpu: number; isSidecar: boolean }[], app: readonly number[]): number {
  const sidecarsBefore = (index: number) =>
    init.slice(0, index).reduce((sum, one) => sum + (one.isSidecar ? one.cpu : 0), 0);
  const steps = init.map(({ cpu }, index) => cpu + sidecarsBefore(index));
  return Math.max(...steps, app.reduce((sum, cpu) => sum + cpu, 0) + sidecarsBefore(init.length));
}
