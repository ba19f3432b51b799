import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { peakUsage, segmentStart, type UsageShape, type UsageTrack, usageAt } from './usage.ts';

const MONDAY = Date.UTC(2026, 0, 5);

const shapes: fc.Arbitrary<UsageShape> = fc.record({
  cpu: fc.integer({ min: 0, max: 16_000 }).map((millicores) => millicores * 1e6),
  memory: fc.integer({ min: 0, max: 64 * 2 ** 30 }),
  gpus: fc.integer({ min: 0, max: 8 }),
  profile: fc.constantFrom('flat', 'business', 'evening', 'nightly'),
  burstEvery: fc.integer({ min: 0, max: 5 }),
  burstFactor: fc.integer({ min: 1, max: 4 }),
  leakPercent: fc.integer({ min: 0, max: 50 }),
});
const tracks: fc.Arbitrary<UsageTrack> = fc.record({
  seed: fc.nat(),
  segmentMs: fc.constantFrom(20_000, 30_000, 600_000),
  phaseMs: fc.nat(19_999),
  startMs: fc.constant(MONDAY),
});
const at = fc.integer({ min: 0, max: 30 * DAY_MS }).map((ms) => MONDAY + ms);

test('usage is one value throughout a segment, in whole millicores and whole bytes, and never above its peak', () => {
  fc.assert(
    fc.property(shapes, tracks, at, fc.double({ min: 0, max: 1, noNaN: true }), (shape, track, at, part) => {
      const usage = usageAt(shape, track, at);
      const start = segmentStart(track, at);
      expect(at - start).toBeGreaterThanOrEqual(0);
      expect(at - start).toBeLessThan(track.segmentMs);
      expect(usageAt(shape, track, start + Math.floor(part * (track.segmentMs - 1)))).toEqual(usage);
      expect(usage.cpu % 1e6).toBe(0);
      expect(Number.isSafeInteger(usage.cpu) && Number.isSafeInteger(usage.memory)).toBe(true);
      const peak = peakUsage(shape);
      expect(usage.cpu).toBeLessThanOrEqual(peak.cpu);
      expect(usage.memory).toBeLessThanOrEqual(peak.memory);
      expect(usage.gpu).toBeLessThanOrEqual(peak.gpu);
      expect(peak.gpu).toBe(shape.gpus * 1e9);
    }),
    { numRuns: 1_000 },
  );
});

test('usage follows the hours of the day and the days of the week', () => {
  const shape: UsageShape = {
    cpu: 1e9,
    memory: 2 ** 30,
    gpus: 0,
    profile: 'business',
    burstEvery: 0,
    burstFactor: 1,
    leakPercent: 0,
  };
  const track: UsageTrack = { seed: 5, segmentMs: 20_000, phaseMs: 0, startMs: MONDAY };
  const average = (from: number) => {
    let sum = 0;
    for (let at = from; at < from + HOUR_MS; at += track.segmentMs) sum += usageAt(shape, track, at).cpu;
    return sum / (HOUR_MS / track.segmentMs) / shape.cpu;
  };
  const [night, noon, saturdayNoon] = [
    average(MONDAY + 2 * HOUR_MS),
    average(MONDAY + 14 * HOUR_MS),
    average(MONDAY + 5 * DAY_MS + 14 * HOUR_MS),
  ];
  expect(night).toBeCloseTo(0.25, 1);
  expect(noon).toBeCloseTo(1.7, 0.5);
  expect(saturdayNoon / noon).toBeCloseTo(0.35, 1);
});
