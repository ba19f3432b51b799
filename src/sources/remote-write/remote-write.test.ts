import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import {
  encodeV1,
  encodeV2,
  encodeWrite,
  field,
  type SentSeries,
  STALE_BITS,
  varint,
} from '../../../test/support/remote-write.ts';
import { toSeries } from '../../core/series.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { SOURCE_LIMITS } from '../source.ts';
import { createKeepRule } from './keep.ts';
import type { ParsedWrite } from './outcome.ts';
import { createRemoteWrite, type WriteVersion } from './remote-write.ts';

const NOW = Date.UTC(2026, 0, 5, 10);
const context = { now: NOW, limits: SOURCE_LIMITS };
const UNPACKED_MAX = 1_000_000;

function newParser() {
  return createRemoteWrite({
    keep: createKeepRule(['up', 'container_cpu_.*_total']),
    clusterLabels: ['cluster', 'cluster_id'],
    replicaLabels: ['prometheus_replica'],
    unpackedBytesMax: UNPACKED_MAX,
  });
}

const parse = newParser();
const parseSeries = (series: readonly SentSeries[], version: WriteVersion = '1.0') =>
  parse({ body: encodeWrite(series, version), version, owner: 'tenant' }, context);

const cpu = (more: Record<string, string> = {}, value = 1.5, at = NOW): SentSeries => ({
  labels: Object.entries({
    __name__: 'container_cpu_usage_seconds_total',
    namespace: 'shop',
    pod: 'web-1',
    ...more,
  }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  samples: [{ at, value }],
});

/** The points of an outcome in words. */
function told({ clusters }: ParsedWrite) {
  return clusters.flatMap(({ clusterName, points }) =>
    Array.from(points.values, (value, i) => ({
      clusterName,
      metric: points.series.find(({ id }) => id === points.ids[i])?.metric,
      at: Number(points.ats[i]),
      value,
    })),
  );
}

describe.each<WriteVersion>(['1.0', '2.0'])('remote write %s', (version) => {
  test('points come out as they were sent', async () => {
    const outcome = await parseSeries([cpu(), cpu({ pod: 'web-2' }, -7.25, NOW - 60_001)], version);
    const metric = 'container_cpu_usage_seconds_total';
    expect(told(outcome)).toEqual([
      { clusterName: null, metric, at: NOW, value: 1.5 },
      { clusterName: null, metric, at: NOW - 60_001, value: -7.25 },
    ]);
    const [series] = outcome.clusters[0]?.points.series ?? [];
    const { id, namespace, pod } = toSeries({ __name__: metric, namespace: 'shop', pod: 'web-1' });
    expect(series).toMatchObject({ id, metric, namespace, pod, container: '', labels: {} });
  });

  test('a series that comes again is the same series', async () => {
    const outcomes = [await parseSeries([cpu()], version), await parseSeries([cpu()], version)];
    const [first, second] = outcomes.map(({ clusters }) => clusters[0]?.points);
    expect(second?.ids).toEqual(first?.ids);
    expect(second?.series[0]?.labels).toEqual(first?.series[0]?.labels);
  });

  test('a series is told until it is in the store, and then not again that day, for its own sender alone', async () => {
    const fresh = newParser();
    const told = async (at: number, owner = 'tenant') => {
      const body = encodeWrite([cpu({}, 1, at)], version);
      const outcome = await fresh({ body, version, owner }, context);
      return { told: outcome.clusters[0]?.points.series.length, outcome };
    };
    expect((await told(NOW)).told).toBe(1);
    const again = await told(NOW);
    expect(again.told).toBe(1);
    again.outcome.durable();
    expect((await told(NOW + 1)).told).toBe(0);
    expect((await told(NOW - DAY_MS)).told).toBe(1);
    expect((await told(NOW, 'another')).told).toBe(1);
  });

  test('clusters are told apart by the first label that names one, which is then no label of the series', async () => {
    const outcome = await parseSeries(
      [cpu({ cluster: 'a', cluster_id: 'x' }), cpu({ cluster_id: 'b' }), cpu({ cluster: 'a', pod: 'web-2' })],
      version,
    );
    expect(told(outcome).map(({ clusterName }) => clusterName)).toEqual(['a', 'a', 'b']);
    expect(outcome.clusters[0]?.points.series[0]?.labels).toEqual({ cluster_id: 'x' });
    expect(outcome.clusters[1]?.points.series[0]?.labels).toEqual({});
  });

  test('the two Prometheus of a pair tell the same series', async () => {
    const pair = [cpu({ prometheus_replica: 'a' }), cpu({ prometheus_replica: 'b' })];
    const { clusters } = await parseSeries(pair, version);
    expect(new Set(clusters[0]?.points.ids).size).toBe(1);
  });

  test('what the ledger does not need is counted, and not kept', async () => {
    const noise: SentSeries = {
      labels: [['__name__', 'go_goroutines']],
      samples: [
        { at: NOW, value: 1 },
        { at: NOW, value: 2 },
      ],
    };
    const { counts, clusters } = await parseSeries(
      [noise, cpu(), { ...cpu({ pod: 'w' }), histograms: 2, exemplars: 3 }],
      version,
    );
    expect(counts).toMatchObject({ samples: 4, kept: 2, histograms: 2, exemplars: 3 });
    expect(counts.dropped).toMatchObject({ not_kept: 2, histogram: 2, exemplar: 3 });
    expect(clusters[0]?.points.values).toHaveLength(2);
  });

  test('what is no number is counted, and not kept', async () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4];
    const { counts } = await parseSeries(
      values.map((value) => cpu({}, value)),
      version,
    );
    expect(counts).toMatchObject({ samples: 4, kept: 1, dropped: { not_a_number: 3, stale_marker: 0 } });
  });

  test('a timestamp out of range costs its own sample alone', async () => {
    const ats = [NOW + SOURCE_LIMITS.futureMs + 1, NOW - SOURCE_LIMITS.ageMs - 1, NOW, 0, -1];
    const { counts } = await parseSeries([{ ...cpu(), samples: ats.map((at) => ({ at, value: 1 })) }], version);
    expect(counts).toMatchObject({ samples: 5, kept: 1, refused: { in_future: 1, too_old: 3 } });
    expect(counts.firstFault).toMatch(/^a timestamp of 2026-01-05T10:10/);
  });

  test.each<[string, [string, string][]]>([
    ['no label __name__', [['pod', 'web-1']]],
    [
      'the label "a" out of order',
      [
        ['__name__', 'up'],
        ['b', '1'],
        ['a', '2'],
      ],
    ],
    [
      'the label "b" twice',
      [
        ['__name__', 'up'],
        ['b', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a label without a name',
      [
        ['', 'x'],
        ['__name__', 'up'],
      ],
    ],
    ['no label __name__', [['__name__', '']]],
    ['no label __name__', []],
  ])('labels are refused: %s', async (fault, labels) => {
    const { counts } = await parseSeries([{ labels, samples: [{ at: NOW, value: 1 }] }, cpu()], version);
    expect(counts).toMatchObject({ samples: 2, kept: 1, refused: { bad_labels: 1 }, firstFault: fault });
  });

  test.each([
    ['the label cluster names a cluster, and is blank', ' \t'],
    ['the label cluster names a cluster with 254 characters; at most 253', 'x'.repeat(254)],
    ['the label cluster names a cluster with control characters', 'a\u0000b'],
  ])('a series is refused alone: %s', async (fault, cluster) => {
    const outcome = await parseSeries([cpu({ cluster }), cpu({ cluster: 'a' })], version);
    expect(outcome.counts).toMatchObject({ samples: 2, kept: 1, refused: { bad_labels: 1 }, firstFault: fault });
    expect(outcome.clusters.map(({ clusterName }) => clusterName)).toEqual(['a']);
  });

  test('what is remembered of one sender says nothing of another', async () => {
    const body = encodeWrite([cpu({ cluster: 'a' })], version);
    const outcomes = await Promise.all(['x', 'y'].map((owner) => parse({ body, version, owner }, context)));
    const [x, y] = outcomes.map(({ clusters, counts }) => ({ clusters, counts }));
    expect(y).toEqual(x);
  });
});

test('a label that is not UTF-8 is refused, and a replacement character is not taken for one', async () => {
  const label = (value: Buffer) => field(1, [field(1, [Buffer.from('zone')]), field(2, [value])]);
  const name = field(1, [field(1, [Buffer.from('__name__')]), field(2, [Buffer.from('up')])]);
  const sample = field(2, [Buffer.from([16]), varint(NOW)]);
  const request = [Buffer.from('\uFFFD'), Buffer.from([0xff]), Buffer.from('ü')].map((value) =>
    field(1, [name, label(value), sample]),
  );
  const { counts } = await parse({ body: compressSync(Buffer.concat(request)), version: '1.0', owner: 't' }, context);
  expect(counts).toMatchObject({ kept: 2, refused: { bad_labels: 1 }, firstFault: 'a label that is not UTF-8' });
});

test('a stale marker is told from other NaNs', async () => {
  const sample = (bits: Buffer) => field(2, [Buffer.from([9]), bits, varint(16), varint(NOW)]);
  const label = (name: string, value: string) =>
    field(1, [field(1, [Buffer.from(name)]), field(2, [Buffer.from(value)])]);
  const nan = Buffer.alloc(8);
  nan.writeDoubleLE(Number.NaN);
  const request = field(1, [label('__name__', 'up'), sample(STALE_BITS), sample(nan)]);
  const outcome = await parse({ body: compressSync(request), version: '1.0', owner: 't' }, context);
  expect(outcome.counts.dropped).toMatchObject({ stale_marker: 1, not_a_number: 1 });
});

describe('a request that cannot be read is refused', () => {
  const whole = encodeV1([cpu(), cpu({ pod: 'web-2' })]);
  const refused = (body: Buffer) => expect(parse({ body, version: '1.0', owner: 't' }, context)).rejects;

  test('whatever part of it is missing', async () => {
    for (let end = 1; end < whole.length; end += 1) {
      const outcome = await parse(
        { body: compressSync(whole.subarray(0, end)), version: '1.0', owner: 't' },
        context,
      ).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'invalid_payload' });
      else expect(end).toBe(encodeV1([cpu()]).length);
    }
  });

  test('snappy that is cut, or promises what it cannot hold', async () => {
    const packed = compressSync(whole);
    for (let end = 0; end < packed.length; end += 1) {
      await refused(packed.subarray(0, end)).toMatchObject({ code: 'invalid_payload' });
    }
    const lying = Buffer.concat([varint(UNPACKED_MAX), packed.subarray(2)]);
    await refused(lying).toMatchObject({ code: 'invalid_payload' });
    await refused(Buffer.concat([varint(2 ** 32 - 1), packed])).toMatchObject({ code: 'body_too_large' });
  });

  test('a series that refers to symbols that are not there', async () => {
    const request = field(5, [field(1, [varint(0), varint(9)])]);
    const body = compressSync(Buffer.concat([field(4, []), request]));
    await expect(parse({ body, version: '2.0', owner: 't' }, context)).rejects.toMatchObject({
      code: 'invalid_payload',
    });
    expect(encodeV2([]).length).toBeGreaterThan(0);
  });

  test.each<WriteVersion>(['1.0', '2.0'])(
    'more series than one may hold, though they have no samples: %s',
    async (of) => {
      const two = { ...context, limits: { ...SOURCE_LIMITS, rowsMax: 2 } };
      const empty = { ...cpu(), samples: [] };
      const send = (series: readonly SentSeries[]) =>
        parse({ body: encodeWrite(series, of), version: of, owner: 't' }, two);
      await expect(send([empty, empty])).resolves.toMatchObject({ counts: { samples: 0 } });
      await expect(send([empty, empty, empty])).rejects.toMatchObject({
        code: 'limit_exceeded',
        message: expect.stringContaining('2 series'),
      });
    },
  );

  test('more samples than one request may hold, more clusters than one may speak of', async () => {
    const one = { ...context, limits: { ...SOURCE_LIMITS, rowsMax: 1 } };
    await expect(parse({ body: encodeWrite([cpu(), cpu()]), version: '1.0', owner: 't' }, one)).rejects.toMatchObject({
      code: 'limit_exceeded',
    });
    const clusters = Array.from({ length: 21 }, (_, i) => cpu({ cluster: `c${i}` }));
    await expect(parseSeries(clusters)).rejects.toMatchObject({ code: 'limit_exceeded' });
  });
});
