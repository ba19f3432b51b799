import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatMoney, parseMoney } from '../../lib/money.ts';
import type { Report } from '../report/report.ts';
import { decimalsFor, showHours, showMoney, showPercent } from './amounts.ts';
import { formatCsv } from './csv.ts';
import { FORMATS } from './format.ts';
import { coverageLines, formatTable } from './table.ts';

const PLAIN = { color: false };

const REPORT: Report = {
  columns: [
    { title: 'Namespace', id: 'namespace', kind: 'text' },
    { title: 'Total', id: 'total_usd', kind: 'money' },
    { title: 'Efficiency', id: 'efficiency', kind: 'ratio' },
    { title: 'CPU used', id: 'cpu_used_millicores', kind: 'millicores' },
    { title: 'RAM used', id: 'ram_used_bytes', kind: 'bytes' },
    { title: 'Pods', id: 'pods', kind: 'count' },
  ],
  rows: [
    ['shop', '1234.565', 0.625, 1_500, 3 * 2 ** 29, 12],
    ['__overcommit__', '-0.000000000001', null, 0, 0, 0],
  ],
  totals: [null, '1234.564999999999', null, null, null, null],
  coverage: {
    hours_asked: 336,
    hours_covered: 333,
    ratio: 333 / 336,
    clusters: [
      { cluster_name: 'blue', hours_covered: 168, ratio: 1, sources: ['agent'] },
      { cluster_name: 'green', hours_covered: 165, ratio: 165 / 168, sources: ['agent'] },
    ],
  },
  window: { start: '2026-01-01T00:00:00Z', end: '2026-01-08T00:00:00Z' },
  notes: ['2 of 3 rows shown; --limit shows more'],
  answer: { costs: [{ namespace: 'shop', total: '1234.565' }] },
};

describe('table', () => {
  test('columns align, the total is last, and coverage names what is missing', () => {
    expect(formatTable(REPORT, PLAIN)).toBe(
      [
        'Namespace          Total  Efficiency  CPU used  RAM used  Pods',
        'shop            1,234.57      62.5 %      1.50  1.50 GiB    12',
        '__overcommit__    >-0.01           –      0.00  0.00 GiB     0',
        'Total           1,234.56',
        '',
        '2026-01-01T00:00:00Z to 2026-01-08T00:00:00Z, US dollars',
        'coverage 99.1 % (333 of 336 h)',
        '  green: 98.2 % (165 of 168 h)',
        '2 of 3 rows shown; --limit shows more',
        '',
      ].join('\n'),
    );
  });

  test('colours are only there when asked for', () => {
    const escape = String.fromCharCode(27);
    expect(formatTable(REPORT, PLAIN)).not.toContain(escape);
    expect(formatTable(REPORT, { color: true })).toContain(escape);
  });

  test('a name cannot reach the terminal', () => {
    const hostile = { ...REPORT, rows: [['a\u001b[2Jb\u009b\u202e\n', '1', null, 0, 0, 0]] };
    expect(formatTable(hostile, PLAIN)).toContain('a�[2Jb���');
  });

  test('an empty answer says so', () => {
    expect(formatTable({ ...REPORT, rows: [] }, PLAIN)).toContain('no costs in this window');
  });

  test('coverage that is not complete is never shown as 100 %, nor none as unknown', () => {
    const f = (covered: number, asked: number, want: string) =>
      expect(
        coverageLines({ hours_asked: asked, hours_covered: covered, ratio: asked ? covered / asked : 0, clusters: [] }),
      ).toEqual([want]);
    f(165, 168, 'coverage 98.2 % (165 of 168 h)');
    f(99_999, 100_000, 'coverage 99.9 % (99999 of 100000 h)');
    f(168, 168, 'coverage 100.0 % (168 of 168 h)');
    f(0, 0, 'coverage 0.0 % (0 of 0 h)');
    f(0.25, 1.5, 'coverage 16.6 % (0.3 of 1.5 h)');
  });
});

describe('amounts', () => {
  test('money is rounded half away from zero, and never to a false zero', () => {
    const f = (exact: string, decimals: number, want: string) => expect(showMoney(exact, decimals), exact).toBe(want);
    f('1234567.005', 2, '1,234,567.01');
    f('-1234.005', 2, '-1,234.01');
    f('999.995', 2, '1,000.00');
    f('0', 2, '0.00');
    f('0.004', 2, '<0.01');
    f('-0.004', 2, '>-0.01');
    f('0.0042', 4, '0.0042');
    f('12', 0, '12');
    f('0.000000000001', 12, '0.000000000001');
  });

  test('a column has as many decimals as its greatest amount needs', () => {
    const f = (amounts: string[], want: number) => expect(decimalsFor(amounts), amounts.join()).toBe(want);
    f([], 2);
    f(['0'], 2);
    f(['0.004', '12'], 2);
    f(['0.5'], 3);
    f(['-0.0042', '0.001'], 5);
    f(['0.000000000001'], 12);
  });

  test('rounding to all decimals changes nothing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (pico) => {
        const exact = formatMoney(parseMoney(`${pico}e-12`));
        expect(parseMoney(showMoney(exact, 12).replaceAll(',', ''))).toBe(pico);
      }),
    );
  });

  test('shares are rounded down and hours shown whole where they are', () => {
    expect([showPercent(1), showPercent(0.99999), showPercent(0.982), showPercent(1.5)]).toEqual([
      '100.0 %',
      '99.9 %',
      '98.2 %',
      '150.0 %',
    ]);
    expect([showHours(168), showHours(0.5)]).toEqual(['168', '0.5']);
  });
});

describe('csv', () => {
  test('a name that starts like a formula is only text to a spreadsheet', () => {
    const rows = ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx', '\rx', 'plain', '-5', 'say "hi", you'].map((name) => [
      name,
    ]);
    const text = formatCsv({ ...REPORT, columns: REPORT.columns.slice(0, 1), rows });
    expect(text.split('\r\n')).toEqual([
      'namespace',
      "'=1+1",
      "'+cmd",
      "'-2+3",
      "'@SUM(A1)",
      "'\tx",
      '"\'\rx"',
      'plain',
      '-5',
      '"say ""hi"", you"',
      '',
    ]);
  });

  test('amounts are exact, and what is not known is empty', () => {
    expect(formatCsv(REPORT).split('\r\n').slice(1, 3)).toEqual([
      'shop,1234.565,0.625,1500,1610612736,12',
      '__overcommit__,-0.000000000001,,0,0,0',
    ]);
  });
});

test('json and yaml give the answer of the API unchanged', () => {
  expect(JSON.parse(FORMATS['json']?.(REPORT, PLAIN) ?? '')).toEqual(REPORT.answer);
  expect(parse(FORMATS['yaml']?.(REPORT, PLAIN) ?? '')).toEqual(REPORT.answer);
});

test('every format ends its last line', () => {
  for (const format of Object.values(FORMATS)) expect(format(REPORT, PLAIN)).toMatch(/\n$/);
});
