import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seriesId, toSeries } from './series.ts';

const label = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ minLength: 1, unit: 'grapheme' }));
const labels = fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 12 });
const setOf = (pairs: readonly (readonly [string, string])[]) => Object.fromEntries(pairs);

test('a series has one id, whatever order its labels come in', () => {
  const shuffled = labels.chain((pairs) =>
    fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length, maxLength: pairs.length })),
  );
  fc.assert(
    fc.property(shuffled, ([a, b]) => {
      expect(seriesId(setOf(a))).toBe(seriesId(setOf(b)));
    }),
  );
});

test('a label without a value is no label', () => {
  const bare = { __name__: 'up', job: 'kubelet' };
  expect(seriesId({ ...bare, pod: '' })).toBe(seriesId(bare));
  expect(toSeries({ ...bare, pod: '', image: '' })).toEqual(toSeries(bare));
});

test('series that differ in any byte differ in their id', () => {
  const texts = new Set<string>();
  const ids = new Set<bigint>();
  for (let i = 0; i < 200_000; i += 1) {
    const pod = `web-${(i % 50).toString(36)}-${i.toString(36)}`;
    const set = { __name__: 'container_cpu_usage_seconds_total', namespace: `ns-${i % 7}`, pod, container: 'app' };
    texts.add(JSON.stringify(set));
    ids.add(seriesId(set));
  }
  expect(ids.size).toBe(texts.size);
  const f = (a: Record<string, string>, b: Record<string, string>) => expect(seriesId(a)).not.toBe(seriesId(b));
  f({ a: 'bc' }, { ab: 'c' });
  f({ a: 'b', c: 'd' }, { a: 'b,c:d' });
  f({ pod: 'é' }, { pod: 'e' });
  f({ pod: 'ab' }, { pod: 'ba' });
});

test('every bit of an id depends on the labels', () => {
  let ones = 0n;
  let zeros = 0n;
  for (let i = 0; i < 200; i += 1) {
    const id = seriesId({ __name__: 'up', instance: `10.0.0.${i}` });
    ones |= id;
    zeros |= ~id & 0xffff_ffff_ffff_ffffn;
  }
  expect([ones, zeros]).toEqual([0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]);
});

test('ids do not change from one version of the program to the next: series of yesterday have rows', () => {
  expect(seriesId({ __name__: 'up', instance: '10.0.0.1:9100', job: 'node' })).toBe(3661103239211205186n);
  expect(seriesId({ pod: 'näkkileipä-🍞' })).toBe(13385473123078022726n);
});

test('labels that name a Kubernetes thing become fields, all others stay', () => {
  const named = { namespace: 'shop', pod: 'web-1', uid: 'u', container: 'web', node: 'n1' };
  const { id, ...rest } = toSeries({ __name__: 'kube_pod_info', ...named, host_ip: '10.0.0.1', ['__proto__']: 'x' });
  expect(rest).toEqual({ metric: 'kube_pod_info', ...named, labels: { host_ip: '10.0.0.1', ['__proto__']: 'x' } });
  expect(id).toBeTypeOf('bigint');
});

test('where a scrape did not honour labels, the thing itself is meant and not the exporter', () => {
  const {
    namespace,
    pod,
    labels: others,
  } = toSeries({
    __name__: 'kube_pod_info',
    namespace: 'monitoring',
    pod: 'kube-state-metrics-0',
    exported_namespace: 'shop',
    exported_pod: 'web-1',
    job: 'ksm',
  });
  expect({ namespace, pod, others }).toEqual({ namespace: 'shop', pod: 'web-1', others: { job: 'ksm' } });
});
