import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../lib/errors.ts';
import { parseAgentPost } from './agent/agent.ts';
import { parseCollectorPost } from './collector/collector.ts';
import { type ParsedPost, type ParsePost, SOURCE_LIMITS } from './source.ts';

const NOW = Date.UTC(2026, 4, 17, 14);
const context = { now: NOW, limits: SOURCE_LIMITS };

/** Each source with the fields of its wire, so that what is generated gets past the envelope. */
const SOURCES = [
  {
    name: 'agent',
    parse: parseAgentPost,
    envelope: { timestamp: NOW / 1_000 },
    lists: ['pod_metrics', 'node_metrics'],
    pod: { pod_name: 'p', namespace: 'n', node_name: 'x', cpu_usage_millicores: 1 },
    keys: [
      'pod_name',
      'namespace',
      'node_name',
      'cpu_usage_millicores',
      'memory_usage_bytes',
      'cpu_request_millicores',
      'labels',
      'phase',
      'containers',
      'container_name',
      'NodeName',
      'CPUCapacity',
      'hourly_cost_usd',
    ],
  },
  {
    name: 'collector',
    parse: parseCollectorPost,
    envelope: { timestamp: new Date(NOW).toISOString(), node_name: 'x', hostname: 'x' },
    lists: ['pods'],
    pod: { pod_id: 'u', name: 'p', namespace: 'n', cpu_usage_cores: 1 },
    keys: [
      'pod_id',
      'name',
      'namespace',
      'cpu_usage_cores',
      'memory_usage_bytes',
      'net_tx_bytes',
      'net_rx_bytes',
      'pod_start_time',
      'pod_end_time',
      'owner',
      'kind',
      'labels',
      'phase',
      'requests',
      'limits',
      'cpu',
      'memory',
      'containers',
      'requests_cpu_millicores',
    ],
  },
] satisfies { name: string; parse: ParsePost; envelope: object; lists: string[]; pod: object; keys: string[] }[];

/** The parsed post, or null where it was refused as an AppError with a 4xx; anything else that is thrown is a defect. */
function outcome(parse: ParsePost, body: unknown): ParsedPost | null {
  try {
    return parse(body, context);
  } catch (error) {
    if (error instanceof AppError && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}

/** The fields that a store would choke on, or read back as something else. */
function unsound({ batch }: ParsedPost): string[] {
  return [...batch.containers, ...batch.nodes].flatMap((sample) =>
    Object.entries(sample).flatMap(([key, value]) => (isSound(value) ? [] : [key])),
  );
}

function isSound(value: unknown): boolean {
  if (typeof value === 'number') return value >= 0 && Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'string') return value.isWellFormed() && value.length <= 1_024;
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((label) => typeof label === 'string' && label.isWellFormed());
}

/** Numbers and texts on the edge of what can be counted. */
const oddity = fc.constantFrom<unknown>(
  Number.POSITIVE_INFINITY, // what JSON.parse makes of 1e309
  Number.NEGATIVE_INFINITY,
  -0,
  5e-324,
  2 ** 53,
  2 ** 63,
  -1,
  0.1,
  '1e309',
  '-0',
  '1e-400',
  '0x10',
  ' 1 ',
  '1Ei',
  '-1m',
  '1e30',
  '１２',
  '\ud800',
  '\u0000',
  '',
  'constructor',
  '__proto__',
  [],
  {},
  null,
  true,
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
);

describe.each(SOURCES)('$name', ({ parse, envelope, lists, pod, keys }) => {
  const value = fc.oneof({ weight: 3, arbitrary: oddity }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });
  const { row } = fc.letrec((tie) => ({
    row: fc.dictionary(
      fc.constantFrom(...keys, '__proto__', 'toString'),
      fc.oneof(value, tie('row'), fc.array(tie('row'), { maxLength: 3 })),
      { maxKeys: 5 },
    ),
  }));
  const rows = fc.array(
    fc.oneof(
      row.map((odd) => Object.assign({}, pod, odd)),
      row,
      value,
    ),
    { maxLength: 5 },
  );

  test('refuses what it cannot read and never fails otherwise, whatever JSON it is given', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => void outcome(parse, body)));
    fc.assert(fc.property(row, (body) => void outcome(parse, { ...envelope, ...(body as object) })));
  });

  test('every row is either taken or refused, and nothing unsound gets through', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: lists.length, maxLength: lists.length }), (found) => {
        const body = { ...envelope, ...Object.fromEntries(lists.map((list, i) => [list, found[i]])) };
        const parsed = outcome(parse, body);
        if (!parsed) throw new Error('the envelope was good');
        expect(unsound(parsed)).toEqual([]);
        expect(parsed.rejected).toHaveLength(parsed.rejectedCount);
        const ownNode = lists.length === 1 ? 1 : 0; // a collector's post is itself a row: its node
        expect(parsed.acceptedCount + parsed.rejectedCount).toBe(found.flat().length + ownNode);
      }),
      { numRuns: 200 },
    );
  });

  const only = (odd: string) =>
    outcome(parse, JSON.parse(`{${JSON.stringify(envelope).slice(1, -1)}, "${lists[0]}": [${odd}]}`));
  const withLabels = (labels: string) => only(JSON.stringify(pod).replace(/}$/, `, "labels": ${labels}}`));

  test('a label named __proto__ is a label like any other', () => {
    const labels = withLabels('{"__proto__": "x", "constructor": "y", "app": "web"}')?.batch.containers[0]?.labels;
    expect(Object.entries(labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['app', 'web'],
    ]);
    expect(({} as Record<string, unknown>)['app']).toBeUndefined();
  });

  test('labels are bounded in number, length and total', () => {
    const f = (labels: object, message: string) =>
      expect(withLabels(JSON.stringify(labels))?.rejected[0]?.message).toBe(message);
    f(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, ''])), 'must be at most 256 labels');
    f({ ['k'.repeat(318)]: '' }, 'keys must be at most 317 characters');
    f({ k: 'v'.repeat(1_025) }, 'values must be at most 1024 characters');
    f(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, 'v'.repeat(1_000)])),
      'must be at most 16384 characters together',
    );
    f({ k: 'a\u0000b' }, 'must not contain control characters or unpaired surrogates');
  });

  test('deep nesting costs its row alone', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    for (const key of keys) {
      const parsed = only(`${JSON.stringify(pod)}, {${JSON.stringify(pod).slice(1, -1)}, "${key}": ${deep}}`);
      expect(parsed?.batch.containers.length, key).toBeGreaterThanOrEqual(1);
    }
  });

  test('a number that JSON cannot hold is refused, not stored as something else', () => {
    const key = Object.keys(pod).at(-1);
    expect(only(JSON.stringify(pod).replace(`"${key}":1`, `"${key}":1e309`))?.rejectedCount).toBe(1);
  });
});
