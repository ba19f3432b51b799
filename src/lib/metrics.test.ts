import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('what was counted is what is read', async () => {
  const metrics = createMetrics();
  const rows = metrics.counter({ name: 'kubetally_rows_total', help: 'Rows.', labels: ['source'] });
  const depth = metrics.gauge({ name: 'kubetally_depth_rows', help: 'Depth.' });
  const took = metrics.histogram({ name: 'kubetally_took_seconds', help: 'Time.', buckets: [0.1, 1] });
  let lag: number | null = 7;
  metrics.observedGauge({ name: 'kubetally_lag_seconds', help: 'Lag.' }, () => lag);
  rows.add(2, { source: 'agent' });
  rows.add(3, { source: 'agent' });
  rows.add(1, { source: 'collector' });
  depth.set(9);
  took.observe(0.5);

  const text = await metrics.text();
  for (const line of [
    'kubetally_rows_total{source="agent"} 5',
    'kubetally_rows_total{source="collector"} 1',
    'kubetally_depth_rows 9',
    'kubetally_took_seconds_bucket{le="0.1"} 0',
    'kubetally_took_seconds_bucket{le="1"} 1',
    'kubetally_lag_seconds 7',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  lag = null;
  expect(await metrics.text()).toContain('kubetally_lag_seconds Nan');
});

test('two registries share nothing, and a name is declared once', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  const spec = { name: 'kubetally_rows_total', help: 'Rows.' };
  one.counter(spec).add(4);
  other.counter(spec);
  expect(await other.text()).toContain('kubetally_rows_total 0');
  expect(() => one.counter(spec)).toThrow('kubetally_rows_total');
});
