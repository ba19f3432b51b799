import { expect, test } from 'vitest';
import { keptAnnotations } from './annotations.ts';

test('what people write about a pod is kept, what tools write for themselves and whole documents are not', () => {
  const f = (annotations: unknown, want: Record<string, string>) =>
    expect(keptAnnotations({ metadata: { annotations } })).toEqual(want);
  f(undefined, {});
  f(null, {});
  f({ 'example.com/owner': 'team-a', 'example.com/doc': 'x'.repeat(257) }, { 'example.com/owner': 'team-a' });
  f({ 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'k8s.ovn.org/pod-networks': '{}' }, {});
});

test('however many there are, 32 are kept, always the same', () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`example.com/${String(99 - i).padStart(2, '0')}`, 'x']),
  );
  const kept = Object.keys(keptAnnotations({ metadata: { annotations: many } }));
  expect(kept).toEqual(Array.from({ length: 32 }, (_, i) => `example.com/${String(i).padStart(2, '0')}`));
});
