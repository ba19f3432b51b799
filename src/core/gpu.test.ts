import { expect, test } from 'vitest';
import { gpuCapacityOf, gpuRequestOf, gpuShareOf } from './gpu.ts';

const GPU = 1e9;
const SEVENTH = 142_857_142;

test.each([
  ['nvidia.com/gpu', GPU],
  ['amd.com/gpu', GPU],
  ['nvidia.com/gpu.shared', GPU],
  ['nvidia.com/mig-1g.5gb', SEVENTH],
  ['nvidia.com/mig-3g.20gb', 428_571_428],
  ['nvidia.com/mig-7g.80gb', GPU],
  ['nvidia.com/mig-1g.10gb.shared', SEVENTH],
  ['nvidia.com/gpumem', null],
  ['nvidia.com/gpucores', null],
  ['nvidia.com/mig-9g.5gb', null],
  ['nvidia.com/mig-xg.5gb', null],
  ['cpu', null],
  ['gpu', null],
])('one %s is %d nano-GPUs', (resource, share) => expect(gpuShareOf(resource)).toBe(share));

test.each([
  ['no GPU is asked for', { cpu: '4', memory: '1Gi' }, {}, null],
  ['two whole ones', { cpu: '4', 'nvidia.com/gpu': '2' }, {}, 2 * GPU],
  ['two slices', { 'nvidia.com/mig-1g.5gb': '2' }, {}, 2 * SEVENTH],
  ['a quarter of a shared one', { 'nvidia.com/gpu.shared': '1' }, { 'nvidia.com/gpu.replicas': '4' }, GPU / 4],
  ['shared under its own name', { 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu.replicas': '4' }, GPU / 2],
  ['a shared slice', { 'nvidia.com/mig-1g.5gb.shared': 2 }, { 'nvidia.com/mig-1g.5gb.replicas': '2' }, SEVENTH],
  ['no number', { 'nvidia.com/gpu': 'many' }, { 'nvidia.com/gpu.replicas': 'x' }, null],
  ['less than none', { 'nvidia.com/gpu': '-1' }, {}, null],
  ['shared by nobody', { 'nvidia.com/gpu': '1' }, { 'nvidia.com/gpu.replicas': '0' }, GPU],
])('a request of %s', (_, requests, labels, nanos) => expect(gpuRequestOf(requests, labels)).toBe(nanos));

test.each([
  ['no GPU', { cpu: '4', 'nvidia.com/gpu': '0' }, {}, null],
  ['two GPUs', { 'nvidia.com/gpu': '2' }, {}, 2 * GPU],
  ['seven slices of one', { 'nvidia.com/mig-1g.5gb': '7' }, {}, GPU],
  ['slices that leave some of it over', { 'nvidia.com/mig-3g.20gb': '2', 'nvidia.com/gpu': '1' }, {}, 2 * GPU],
  ['two GPUs that four share each', { 'nvidia.com/gpu.shared': '8' }, { 'nvidia.com/gpu.replicas': '4' }, 2 * GPU],
])('a node of %s', (_, capacity, labels, nanos) => expect(gpuCapacityOf(capacity, labels)).toBe(nanos));
