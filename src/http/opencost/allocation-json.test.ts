import { expect, test } from 'vitest';
import { NO_AMOUNTS, NO_TRAFFIC } from '../../core/allocation/amounts.ts';
import { NO_COSTS, NO_IDLE } from '../../core/allocation/costs.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { ZERO } from '../../lib/money.ts';
import type { AllocationRow } from '../../queries/allocations.ts';
import { instant, openCostAllocation } from './allocation-json.ts';

const START = Date.UTC(2026, 0, 5);
const WINDOW = { start: START, end: START + HOUR_MS };

const ROW: AllocationRow = {
  kind: 'allocation',
  values: [],
  common: { cluster: 'east', namespace: 'shop', controllerKind: '', controller: '' },
  labels: {},
  ...WINDOW,
  amounts: NO_AMOUNTS,
  costs: NO_COSTS,
  adjustments: NO_COSTS,
  traffic: NO_TRAFFIC,
  idle: NO_IDLE,
  shared: ZERO,
};

const propertiesOf = (more: Partial<AllocationRow>) =>
  openCostAllocation({ ...ROW, ...more }, { keys: [], idleBy: 'cluster', window: WINDOW, told: instant }).properties;

test('of several spellings of a label the one that keys and filters take is told: the exact one, else the first', () => {
  const f = (labels: Record<string, string>, want: Record<string, string>) =>
    expect(propertiesOf({ labels }).labels, JSON.stringify(labels)).toEqual(want);
  f({ team: 'blue', label_team: 'grey' }, { team: 'blue' });
  f({ label_team: 'grey', team: 'blue' }, { team: 'blue' });
  f({ label_team: 'grey', team: '' }, { team: 'grey' });
  f({ team: '', label_team: 'grey' }, { team: '' });
  f({ 'app.kubernetes.io/name': 'a', label_app_kubernetes_io_name: 'b' }, { app_kubernetes_io_name: 'a' });
  f({ label_app_kubernetes_io_name: 'b', 'app.kubernetes.io/name': 'a' }, { app_kubernetes_io_name: 'b' });
  f({ 'a.b': '1', 'a/b': '2', a_b: '3' }, { a_b: '3' });
  f({ 'z/y': '1', constructor: '2', b: '' }, { z_y: '1', constructor: '2', b: '' });
});

test('of annotations that become one the first is told, as keys and filters have it', () => {
  expect(propertiesOf({}).annotations).toBeUndefined();
  const annotations = { 'a.b': '1', a_b: '2' };
  const details = {
    volumes: [],
    balancers: [],
    labels: {},
    annotations,
    peaks: null,
    sharedParts: [],
    assetShares: [],
  };
  expect(propertiesOf({ details }).annotations).toEqual({ a_b: '1' });
});
