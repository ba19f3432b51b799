import { describe, expect, test } from 'vitest';
import { typedColumns } from './typed-columns.ts';

const reply = (columns: Readonly<Record<string, readonly [type: string, ...cells: unknown[]]>>, rows = 2) => ({
  meta: Object.entries(columns).map(([name, [type]]) => ({ name, type })),
  data: Object.fromEntries(Object.entries(columns).map(([name, [, ...cells]]) => [name, cells])),
  rows,
});

describe('columns of a result', () => {
  test('are read as they are, where they are of the types that were expected', () => {
    const told = reply({
      n: ['UInt32', 1, 2],
      x: ['Float64', 0.5, -1],
      big: ['UInt64', '18446744073709551615', '0'],
      cost: ['Decimal(38, 12)', '0.1', '-2'],
      names: ['Array(String)', ['a'], []],
      labels: ['Map(String, String)', { app: 'web' }, {}],
      kind: [`Enum8('idle' = 0, 'asked' = 1)`, 'idle', 'asked'],
    });
    const { length, of } = typedColumns(told, {
      n: 'number',
      x: 'number',
      big: 'text',
      cost: 'text',
      names: 'texts',
      labels: 'textMap',
      kind: ['asked', 'idle', 'other'],
    });
    const first: 'asked' | 'idle' | 'other' | undefined = of.kind[0];
    expect([length, first, of.n[1], of.cost]).toEqual([2, 'idle', 2, ['0.1', '-2']]);
  });

  test.each([
    ['a text for a number', { n: ['String', 'a', 'b'] }, 'number', 'column n is String, and not number'],
    ['what may be null', { n: ['Nullable(String)', 'a', null] }, 'text', 'Nullable(String)'],
    ['a number that a double cannot hold', { n: ['UInt64', '1', '2'] }, 'number', 'UInt64'],
    ['a word that nobody knows', { n: [`Enum8('idle' = 0, 'new' = 1)`, 'idle', 'idle'] }, ['idle'], "'new'"],
    ['texts for words', { n: ['String', 'idle', 'idle'] }, ['idle'], 'column n is String'],
    ['no such column', { m: ['String', 'a', 'b'] }, 'text', 'no column n'],
    ['too few cells', { n: ['String', 'a'] }, 'text', 'not of one length'],
  ] as const)('are refused all at once: %s', (_, columns, kind, message) => {
    expect(() => typedColumns(reply(columns), { n: kind })).toThrow(message);
  });

  test('may be without rows', () => {
    expect(typedColumns(reply({ n: ['UInt8'] }, 0), { n: 'number' })).toEqual({ length: 0, of: { n: [] } });
  });
});
