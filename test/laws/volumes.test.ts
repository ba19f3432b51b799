import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DEFAULT_PRICE_BOOK, storageCost } from '../../src/core/pricing.ts';
import type { ContainerSample, SampleBatch, VolumeSample } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { type LedgerVolume, ledgerVolumes } from '../support/attachments.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { hasOracle, ORACLE, readOracle } from '../support/opencost-oracle.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { sumMoney } from '../support/tenant-lab.ts';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const TIMEOUT_MS = 180_000;
const START = Date.UTC(2026, 0, 5, 10);
const HOURS = 2;
const END = START + HOURS * HOUR_MS;
const BEAT_MS = 5 * MINUTE_MS;
const GIB = 2 ** 30;

/** Milliseconds, half-open. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Claim {
  readonly name: string;
  readonly bytes: number;
  readonly pods: readonly (Span & { readonly name: string })[];
}

/** Seconds from the start; lives as short as a second, between two beats too. */
const life = fc
  .tuple(fc.integer({ min: 0, max: 7_199 }), fc.integer({ min: 1, max: 7_200 }))
  .map(([from, length]) => ({ from: START + from * 1_000, to: Math.min(END, START + (from + length) * 1_000) }));

const claims = fc
  .array(fc.record({ bytes: fc.integer({ min: 1, max: 500 * GIB }), lives: fc.array(life, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((some) =>
    some.map(({ bytes, lives }, claim): Claim => {
      const pods = lives.map((span, pod) => ({ name: `pod-${claim}-${pod}`, ...span }));
      return { name: `claim-${claim}`, bytes, pods };
    }),
  );

/** What a watch would tell: containers when they start and end, and all that is there at each beat. */
function batchesOf(all: readonly Claim[]): SampleBatch[] {
  const beats = Array.from({ length: (END - START) / BEAT_MS }, (_, beat) => START + beat * BEAT_MS);
  const pods = all.flatMap((claim) => claim.pods);
  const batch = (more: Partial<SampleBatch>): SampleBatch => ({
    source: 'kubernetes',
    containers: [],
    nodes: [],
    ...more,
  });
  return [
    ...beats.map((at) =>
      batch({
        nodes: [nodeSample({ at, cpuCapacity: 4e9, memoryCapacity: 16 * GIB })],
        containers: pods.filter(({ from, to }) => at >= from && at < to).map((pod) => running(pod, at)),
        volumes: all.map((claim) => volumeAt(claim, at)),
      }),
    ),
    ...pods.map((pod) => batch({ containers: [running(pod, pod.from)] })),
    ...pods.map((pod) => batch({ containers: [{ ...running(pod, pod.to), phase: 'Succeeded', endedAt: pod.to }] })),
  ];
}

function running({ name, from }: Claim['pods'][number], at: number): ContainerSample {
  return containerSample({ at, namespace: 'db', pod: name, podUid: name, container: 'app', startedAt: from });
}

function volumeAt({ name, bytes, pods }: Claim, at: number): VolumeSample {
  const mounting = pods.filter(({ from, to }) => at >= from && at < to).map((pod) => pod.name);
  const names = { namespace: 'db', claim: name, volume: `pv-${name}`, storageClass: '', providerId: '' };
  return { at, ...names, capacity: bytes, request: null, usage: null, pods: mounting.sort(), labels: {} };
}

async function ledgerOf(deliveries: readonly (readonly SampleBatch[])[]): Promise<LedgerVolume[]> {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'volumes');
  for (const batches of deliveries) {
    await Promise.all(batches.map((batch) => lab.put({ tenant, cluster }, batch)));
    await lab.roll();
  }
  return ledgerVolumes(lab, tenant);
}

test(
  'law 1: the parts of a volume add up to what it held and cost, to the last digit, and each is its share of every moment',
  async () => {
    await fc.assert(
      fc.asyncProperty(claims, async (all) => {
        const rows = await ledgerOf([batchesOf(all)]);
        const volumes = Map.groupBy(rows, ({ hour, claim }) => `${hour} ${claim}`);
        expect(volumes.size).toBe(all.length * HOURS);
        for (const parts of volumes.values()) {
          const claim = all.find(({ name }) => name === parts[0]?.claim);
          const held = (BigInt(claim?.bytes ?? 0) * BigInt(HOUR_MS)) / 1_000n;
          expect(parts.reduce((sum, { bytes }) => sum + bytes, 0n)).toBe(held);
          const paid = sumMoney(parts.map(({ cost }) => parseMoney(cost)));
          expect(formatMoney(paid)).toBe(formatMoney(storageCost(held, DEFAULT_PRICE_BOOK)));
          for (const { hour, pod, bytes } of parts) {
            if (!claim) throw new Error('a claim that is none');
            const share = shareOf(pod, seenPods(claim), { from: hour, to: hour + HOUR_MS }) * claim.bytes;
            expect(Math.abs(Number(bytes) - share / 1_000), `${claim.name}/${pod}`).toBeLessThanOrEqual(
              1e-9 * share + 2,
            );
          }
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

/** A pod that no beat saw is not known to mount anything. */
function seenPods({ pods }: Claim): Claim['pods'] {
  return pods.filter(({ from, to }) => Math.ceil(from / BEAT_MS) * BEAT_MS < to);
}

/** Milliseconds of the window that fall to one pod, or to nobody (`''`), in equal shares of each moment. */
function shareOf(name: string, pods: Claim['pods'], window: Span): number {
  const cuts = [window.from, window.to, ...pods.flatMap(({ from, to }) => [from, to])]
    .filter((at) => at >= window.from && at <= window.to)
    .toSorted((a, b) => a - b);
  return cuts.slice(1).reduce((sum, to, index) => {
    const from = cuts[index] ?? to;
    const mounting = pods.filter((pod) => pod.from <= from && pod.to >= to);
    const mine = name === '' ? mounting.length === 0 : mounting.some((pod) => pod.name === name);
    return mine ? sum + (to - from) / Math.max(1, mounting.length) : sum;
  }, 0);
}

const delivery = fc.record({
  copies: fc.integer({ min: 1, max: 2 }),
  disorder: fc.array(fc.nat(), { minLength: 5, maxLength: 30 }),
  share: fc.integer({ min: 1, max: 9 }),
});

test(
  'law 3: any order, copies and moments of computing give the volumes of one delivery in order',
  async () => {
    await fc.assert(
      fc.asyncProperty(claims, delivery, async (all, { copies, disorder, share }) => {
        const once = batchesOf(all);
        const sent = Array.from({ length: copies }, () => once)
          .flat()
          .map((batch, index) => ({ batch, rank: (disorder[index % disorder.length] ?? 0) % 97 }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ batch }) => batch);
        const middle = Math.ceil((sent.length * share) / 10);
        expect(await ledgerOf([sent.slice(0, middle), sent.slice(middle)])).toEqual(await ledgerOf([once]));
      }),
      { numRuns: 4, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

describe.skipIf(!hasOracle)(ORACLE, () => {
  const Call = z.object({ args: z.tuple([z.string(), z.enum(['start', 'end']), z.object({ Pod: z.string() })]) });
  const Table = z.object({ cases: z.array(z.object({ name: z.string(), expected: z.array(Call) })) });

  test('claimants of a claim share it by interval', async () => {
    const { cases } = readOracle('pvc_interval_points', Table);
    expect(cases.length).toBeGreaterThan(3);
    for (const { name, expected } of cases) {
      const points = expected.map(({ args: [at, kind, { Pod }] }) => ({ at: Date.parse(at), kind, pod: Pod }));
      const [first = 0, last = 0] = [points[0]?.at, points.at(-1)?.at];
      const rows = await ledgerOf([batchesOf([claimOf(points)])]);
      const found = rows.filter(({ pod }) => pod !== '').map(({ pod, bytes }) => [pod, Number(bytes)]);
      const wanted = sweep(points).map(([pod, ms]) => [pod, Math.floor((ms * 100 * GIB) / 1_000)]);
      expect(last, name).toBeGreaterThan(first);
      expect(Object.keys(Object.fromEntries(found)), name).toEqual(Object.keys(Object.fromEntries(wanted)));
      for (const [pod, bytes] of wanted) {
        const got = Object.fromEntries(found)[String(pod)] ?? 0;
        expect(Math.abs(Number(got) - Number(bytes)), `${name}: ${pod}`).toBeLessThan(10);
      }
    }
  });

  interface Point {
    readonly at: number;
    readonly kind: 'start' | 'end';
    readonly pod: string;
  }

  /** The table's hour is 08:00 to 09:00; ours starts with START. */
  function claimOf(points: readonly Point[]): Claim {
    const shift = START - Date.UTC(2021, 1, 19, 8);
    const names = [...new Set(points.map(({ pod }) => pod))];
    const at = (pod: string, kind: Point['kind']) =>
      (points.find((point) => point.pod === pod && point.kind === kind)?.at ?? Number.NaN) + shift;
    const pods = names.map((name) => ({ name, from: at(name, 'start'), to: at(name, 'end') }));
    return { name: 'claim', bytes: 100 * GIB, pods };
  }

  /** Between two points of the table, those that have started and not ended share alike. */
  function sweep(points: readonly Point[]): [string, number][] {
    const shares = new Map<string, number>();
    const mounting = new Set<string>();
    for (const [index, { at, kind, pod }] of points.entries()) {
      const sinceMs = at - (points[index - 1]?.at ?? at);
      for (const name of mounting) shares.set(name, (shares.get(name) ?? 0) + sinceMs / mounting.size);
      if (kind === 'start') mounting.add(pod);
      else mounting.delete(pod);
    }
    return [...shares].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
});
