import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exposition, type GaugeSample } from './exposition.ts';

const textOf = (samples: readonly GaugeSample[]) => [...exposition([{ name: 'm', help: 'a\\b\nc', samples }])].join('');

/** What a scraper reads, by the grammar of the text format and by nothing of ours. */
function scraped(text: string): { labels: Record<string, string>; value: number }[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, pairs = '', value] = /^m(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
    const labels = [...pairs.matchAll(/([a-z_]+)="((?:\\.|[^"\\])*)"(?:,|$)/gs)].map(
      ([, name = '', written = '']) =>
        [name, written.replaceAll(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one))] as const,
    );
    return { labels: Object.fromEntries(labels), value: Number(value) };
  });
}

test('whatever text a label holds, a scraper reads that text and one line a sample', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', ',', '}') }),
  );
  fc.assert(
    fc.property(fc.record({ a: text, b_: text }), value, (labels, number) => {
      const [found, ...more] = scraped(textOf([{ labels, value: number }]));
      const want = { a: labels.a.toWellFormed(), b_: labels.b_.toWellFormed() };
      expect(found).toEqual({ labels: want, value: number + 0 });
      expect(more).toEqual([]);
    }),
  );
});

test('what a scraper would refuse is left out', () => {
  const f = (samples: readonly GaugeSample[], want: string) => expect(textOf(samples)).toBe(want);
  const head = '# HELP m a\\\\b\\nc\n# TYPE m gauge\n';
  f([], '');
  f([{ labels: {}, value: Number.NaN }], '');
  f([{ labels: {}, value: Number.POSITIVE_INFINITY }], '');
  f([{ labels: {}, value: 1e-7 }], `${head}m 1e-7\n`);
  f(
    [
      { labels: { a: 'x' }, value: 1 },
      { labels: { a: 'x' }, value: 2 },
    ],
    `${head}m{a="x"} 1\n`,
  );
});

test('a large family comes in chunks that are its lines', () => {
  const samples = Array.from({ length: 2_500 }, (_, index) => ({ labels: { i: String(index) }, value: index }));
  const chunks = [...exposition([{ name: 'm', help: 'h', samples }])];
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.join('').split('\n')).toHaveLength(2_500 + 3);
});
