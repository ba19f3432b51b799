import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HourFact } from '../../core/hour-facts.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { type ReportOutcome, readReport } from './koku.ts';
import { createMergedFacts } from './merged-facts.ts';
import { columnsOf, REPORTS } from './reports.ts';

const NOW = Date.UTC(2025, 4, 18);
const HOUR = Date.UTC(2025, 4, 17, 14);
const context = {
  now: NOW,
  statedAt: NOW - 1,
  limits: { unpackedBytesMax: 1e9, futureMs: 60_000, oldestHour: Date.UTC(2025, 0) },
};
const POD_COLUMNS =
  'report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,node_role,resource_id,pod_labels'.split(
    ',',
  );
const PERIOD = {
  report_period_start: '2025-05-01 00:00:00 +0000 UTC',
  report_period_end: '2025-06-01 00:00:00 +0000 UTC',
  interval_start: '2025-05-17 14:00:00 +0000 UTC',
  interval_end: '2025-05-17 14:59:59 +0000 UTC',
};
const POD_ROW: Record<string, string> = {
  ...PERIOD,
  node: 'ip-10-0-1-63.ec2.internal',
  namespace: 'test',
  pod: 'zip-1',
  pod_usage_cpu_core_seconds: '100.5',
  pod_request_cpu_core_seconds: '200',
  pod_limit_cpu_core_seconds: '300',
  pod_usage_memory_byte_seconds: '1000',
  pod_request_memory_byte_seconds: '2000',
  pod_limit_memory_byte_seconds: '3000',
  node_capacity_cpu_cores: '3.92',
  node_capacity_cpu_core_seconds: '14112',
  node_capacity_memory_bytes: '17179869184',
  node_capacity_memory_byte_seconds: '61729433600',
  node_role: 'worker',
  resource_id: 'i-09ad6102842b9a786',
  pod_labels: 'label_app:web|label_rht_comp:EAP|odd',
};

type CsvRow = Readonly<Record<string, string>>;

function csv(columns: readonly string[], rows: readonly CsvRow[]): string {
  return [columns.join(','), ...rows.map((row) => columns.map((name) => row[name] ?? '').join(','))].join('\n');
}

async function read(
  text: string | Uint8Array,
): Promise<{ facts: HourFact[]; merged: HourFact[]; outcome: ReportOutcome }> {
  const facts: HourFact[] = [];
  const merged = createMergedFacts();
  const take = (fact: HourFact) => void facts.push(fact);
  async function* body() {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97); // rows and signs are cut anywhere
  }
  const outcome = await readReport(body(), { take: (fact) => (take(fact), undefined), merged, context });
  return { facts, merged: [...merged.facts(context.statedAt)], outcome };
}

const POD_FACT: HourFact = {
  kind: 'pod',
  hour: HOUR,
  statedAt: NOW - 1,
  node: 'ip-10-0-1-63.ec2.internal',
  namespace: 'test',
  pod: 'zip-1',
  container: '',
  name: '',
  amounts: {
    cpu_usage_ucs: 100_500_000,
    cpu_request_ucs: 200_000_000,
    cpu_limit_ucs: 300_000_000,
    ram_usage_bs: 1_000,
    ram_request_bs: 2_000,
    ram_limit_bs: 3_000,
  },
  texts: {},
  labels: { app: 'web', rht_comp: 'EAP' },
};
const NODE_FACT: HourFact = {
  kind: 'node',
  hour: HOUR,
  statedAt: NOW - 1,
  node: 'ip-10-0-1-63.ec2.internal',
  namespace: '',
  pod: '',
  container: '',
  name: '',
  amounts: {
    cpu_capacity_ucores: 3_920_000,
    cpu_capacity_ucs: 14_112_000_000,
    ram_capacity_bytes: 17_179_869_184,
    ram_capacity_bs: 61_729_433_600,
  },
  texts: { resource_id: 'i-09ad6102842b9a786', node_role: 'worker' },
  labels: {},
};
const plain = (facts: readonly HourFact[]) =>
  facts.map((fact) => ({
    ...fact,
    labels: { ...fact.labels },
    amounts: { ...fact.amounts },
    texts: { ...fact.texts },
  }));

describe('a pod report', () => {
  test('is the pods of an hour and the nodes they ran on, whatever the order of its columns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(POD_COLUMNS, { minLength: POD_COLUMNS.length }), async (columns) => {
        const { facts, merged, outcome } = await read(csv(columns, [POD_ROW]));
        expect(plain(facts)).toEqual([POD_FACT]);
        expect(plain(merged)).toEqual([NODE_FACT]);
        expect(outcome).toMatchObject({ kind: 'pod', status: 'taken', rowsTaken: 1, rowsRefused: 0, reason: null });
      }),
      { numRuns: 20 },
    );
  });

  test('of an old operator has no role for its nodes: they are workers', async () => {
    const { merged } = await read(
      csv(
        POD_COLUMNS.filter((name) => name !== 'node_role'),
        [POD_ROW],
      ),
    );
    expect(merged[0]?.texts).toEqual(NODE_FACT.texts);
  });

  test('counts a pod that has requests and no usage, and does not know its usage', async () => {
    const { facts, merged } = await read(
      csv(POD_COLUMNS, [{ ...POD_ROW, pod_usage_cpu_core_seconds: '', pod_usage_memory_byte_seconds: '' }]),
    );
    expect(Object.keys(facts[0]?.amounts ?? {})).toEqual([
      'cpu_request_ucs',
      'cpu_limit_ucs',
      'ram_request_bs',
      'ram_limit_bs',
    ]);
    expect(merged).toHaveLength(1);
  });

  test('keeps apart pods whose name and namespace are swapped', async () => {
    const rows = [
      { ...POD_ROW, pod: 'a', namespace: 'b' },
      { ...POD_ROW, pod: 'b', namespace: 'a' },
    ];
    expect((await read(csv(POD_COLUMNS, rows))).facts.map(({ namespace, pod }) => `${namespace}/${pod}`)).toEqual([
      'b/a',
      'a/b',
    ]);
  });
});

test('a row that is wrong is refused alone, by line and column', async () => {
  const wrong: [more: CsvRow, column: string, message: RegExp][] = [
    [{ interval_start: 'noon' }, 'interval_start', /instant/],
    [{ interval_start: '2025-05-17 14:30:00 +0000 UTC' }, 'interval_start', /start of an hour/],
    [{ interval_start: '2025-05-18 01:00:00 +0000 UTC' }, 'interval_start', /at most 1 minutes ahead/],
    [{ interval_start: '2024-12-31 23:00:00 +0000 UTC' }, 'interval_start', /before 2025-01-01/],
    [{ node: '' }, 'node', /required/],
    [{ pod: '' }, 'pod', /required/],
    [{ namespace: '__idle__' }, 'namespace', /__/],
    [{ pod: 'x'.repeat(254) }, 'pod', /253/],
    [{ pod: 'a\u0007b' }, 'pod', /control/],
    [{ pod_usage_cpu_core_seconds: '-1' }, 'pod_usage_cpu_core_seconds', /not negative/],
    [{ pod_usage_cpu_core_seconds: 'NaN' }, 'pod_usage_cpu_core_seconds', /number/],
    [{ pod_request_memory_byte_seconds: '1e19' }, 'pod_request_memory_byte_seconds', /10\^18/],
    [{ node_capacity_cpu_cores: '+Inf' }, 'node_capacity_cpu_cores', /number/],
    [{ pod_labels: `label_a:${'x'.repeat(2_000)}` }, 'pod_labels', /1024/],
  ];
  const text = csv(
    POD_COLUMNS,
    wrong.flatMap(([more]) => [{ ...POD_ROW, ...more }, POD_ROW]),
  );
  const { facts, outcome } = await read(`${text}\n2025-05-17 14:00:00 +0000`);
  expect(facts).toHaveLength(wrong.length);
  expect(outcome).toMatchObject({ status: 'taken', rowsTaken: wrong.length, rowsRefused: wrong.length + 1 });
  expect(outcome.refused.at(-1)).toEqual({ line: 2 * wrong.length + 2, column: '', message: 'has 1 columns, not 20' });
  for (const [index, [, column, message]] of wrong.entries()) {
    expect(outcome.refused[index]).toEqual({ line: 2 * index + 2, column, message: expect.stringMatching(message) });
  }
});

test('a file whose header is of no report is refused, and says what it lacks', async () => {
  const f = async (columns: readonly string[], reason: RegExp) =>
    expect((await read(csv(columns, [POD_ROW]))).outcome).toMatchObject({
      kind: null,
      status: 'refused',
      rowsTaken: 0,
      reason: expect.stringMatching(reason),
    });
  await f(
    POD_COLUMNS.filter((name) => name !== 'pod'),
    /pod report it lacks pod\b/,
  );
  await f(['node', 'node_labels', 'extra'], /node report it lacks interval_start, unknown columns extra/);
  await f(['a', 'b'], /of no report: unknown columns a, b/);
  await f([...POD_COLUMNS, 'pod'], /names pod twice/);
  await f(
    Array.from({ length: 300 }, (_, i) => `c${i}`),
    /300 columns/,
  );
});

test('columns that are not known yet are not read, and the file says so', async () => {
  const { facts, outcome } = await read(csv([...POD_COLUMNS, 'pod_usage_magic'], [POD_ROW]));
  expect(plain(facts)).toEqual([POD_FACT]);
  expect(outcome.reason).toMatch(/not known here.*pod_usage_magic/);
});

test('an empty file is nothing, and a header alone is no rows', async () => {
  expect((await read('')).outcome).toMatchObject({ kind: null, status: 'skipped', reason: 'it is empty' });
  const { outcome } = await read(csv(POD_COLUMNS, []));
  expect(outcome).toMatchObject({ kind: 'pod', status: 'skipped', rowsTaken: 0, reason: 'it is empty' });
});

test('a file that stops being CSV keeps what came before, and says from where on', async () => {
  const { facts, outcome } = await read(`${csv(POD_COLUMNS, [POD_ROW])}\n"${'x'.repeat(400_000)}`);
  expect(facts).toHaveLength(1);
  expect(outcome).toMatchObject({
    status: 'taken',
    rowsTaken: 1,
    rowsRefused: 1,
    reason: expect.stringMatching(/line 3 on.*quote/),
  });
});

test('every report states each of its columns, under units that say what they are', async () => {
  for (const report of REPORTS) {
    const columns = [...columnsOf(report)];
    const values = columns.map((name): [string, string] => [
      name,
      name.endsWith('labels') ? 'label_a:b' : report.amounts[name] ? '1.5' : `${name}-value`,
    ]);
    const row = {
      ...Object.fromEntries(values),
      ...PERIOD,
      interval_start: report.grain === 'quarter' ? '2025-05-17T14:30:01Z' : '2025-05-17T14:00:00Z',
    };
    const { facts, merged, outcome } = await read(csv(columns, [row]));
    expect(outcome, report.kind).toMatchObject({ kind: report.kind, rowsTaken: 1, reason: null });
    const stated = [...facts, ...merged];
    const amounts = stated.flatMap((fact) => Object.keys(fact.amounts));
    expect(amounts.toSorted(), report.kind).toEqual(
      Object.values(report.amounts)
        .map(({ name }) => name)
        .toSorted(),
    );
    for (const name of amounts) expect(name).toMatch(/_(ucs|bs|ms|ucores|bytes|micro)$/);
    const texts = stated.flatMap((fact) => Object.keys(fact.texts)).filter((name) => name !== 'node_role');
    expect(texts.toSorted(), report.kind).toEqual(
      Object.values(report.texts)
        .filter((name) => name !== 'node_role')
        .toSorted(),
    );
    for (const fact of stated) expect(fact.hour).toBe(HOUR);
    if (report.grain === 'quarter') expect(facts[0]?.name).toBe('30');
  }
});

describe('what reports say of a node', () => {
  const nodeReport = csv(
    [...Object.keys(PERIOD), 'node', 'node_labels'],
    [{ ...PERIOD, node: POD_FACT.node, node_labels: 'label_zone:a' }],
  );
  const podReport = csv(POD_COLUMNS, [POD_ROW, { ...POD_ROW, pod: 'zip-2', node_role: '' }]);

  async function mergedOf(pieces: readonly string[][], packed: boolean): Promise<HourFact[]> {
    const whole = createMergedFacts();
    for (const piece of pieces) {
      const part = packed ? createMergedFacts() : whole;
      for (const text of piece) await readReport(bytesOf(text), { take: () => undefined, merged: part, context });
      if (packed) await whole.unpack(await part.pack());
    }
    return plain([...whole.facts(5)]);
  }
  async function* bytesOf(text: string) {
    yield Buffer.from(text);
  }

  test('is one fact an hour, the same in any order and in any pieces', async () => {
    const want = [{ ...NODE_FACT, statedAt: 5, labels: { zone: 'a' } }];
    for (const pieces of [
      [[podReport, nodeReport]],
      [[nodeReport, podReport]],
      [[nodeReport], [podReport]],
      [[podReport], [nodeReport], [podReport]],
    ]) {
      expect(await mergedOf(pieces, false)).toEqual(want);
      expect(await mergedOf(pieces, true)).toEqual(want);
    }
  });

  test('merges to the same whatever the grouping', async () => {
    const amount = fc.record({ a: fc.nat(5), b: fc.nat(5) }, { requiredKeys: [] });
    const text = fc.record({ x: fc.constantFrom('p', 'q'), y: fc.constantFrom('p', 'q') }, { requiredKeys: [] });
    const row = fc.record({
      kind: fc.constantFrom('node' as const, 'namespace' as const),
      hour: fc.constantFrom(0, HOUR_MS),
      name: fc.constantFrom('m', 'n'),
      amounts: amount,
      texts: text,
      labels: text,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.nat(12), async (rows, cut) => {
        const [whole, left, right] = [createMergedFacts(), createMergedFacts(), createMergedFacts()];
        for (const it of rows) whole.add(it);
        for (const it of rows.slice(cut).toReversed()) left.add(it);
        for (const it of rows.slice(0, cut)) right.add(it);
        await left.unpack(await right.pack());
        const sorted = (facts: Iterable<HourFact>) =>
          plain([...facts])
            .map((fact) =>
              JSON.stringify(fact, Object.keys({ ...fact, ...fact.amounts, ...fact.texts, ...fact.labels }).toSorted()),
            )
            .toSorted();
        expect(sorted(left.facts(1))).toEqual(sorted(whole.facts(1)));
      }),
      { numRuns: 200 },
    );
  });
});

test('whatever bytes a file has, it is read to an outcome', async () => {
  const cell = fc.oneof(
    fc.constantFrom('', '"', '""', 'a"b', '1', '-', '2025-05-17 14:00:00 +0000 UTC', '|', ':', '\u0000', 'label_:'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const file = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.array(cell, { maxLength: 22 }), { maxLength: 5 })
      .map((rows) => Buffer.from([POD_COLUMNS, ...rows].map((row) => row.join(',')).join('\n'))),
  );
  await fc.assert(
    fc.asyncProperty(file, async (bytes) => {
      const { facts, outcome } = await read(bytes);
      expect(facts.length).toBeLessThanOrEqual(outcome.rowsTaken);
      for (const fact of facts) {
        expect(fact.pod).not.toBe('');
        for (const amount of Object.values(fact.amounts)) expect(amount).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 300 },
  );
});
