/**
 * Usage is piecewise constant: one value a segment, found by hash, so that the value at any instant and the integral over
 * any time are both exact. CPU comes in whole millicores, which every wire format can carry.
 */
import { HOUR_MS } from '../lib/clock.ts';
import { below, mix } from './hash.ts';
import { isWeekend } from './timeline.ts';

const MILLICORE = 1_000_000;
const PAGE_BYTES = 4_096;
const GPU_PERMILLE = 1_000_000;

/** Percent of the usual usage at each full hour of the UTC day; between hours it is interpolated. */
const PROFILES = {
  flat: [
    100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
    100,
  ],
  business: [30, 25, 25, 25, 30, 40, 60, 90, 130, 160, 170, 165, 150, 160, 170, 165, 150, 130, 100, 80, 65, 55, 45, 35],
  evening: [90, 60, 45, 35, 30, 30, 35, 45, 60, 70, 75, 80, 90, 90, 90, 95, 105, 125, 150, 180, 190, 180, 150, 120],
  nightly: [180, 220, 240, 240, 220, 160, 90, 50, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 50, 60, 70, 90, 120, 150],
} as const;
export type ProfileName = keyof typeof PROFILES;

const WEEKEND_PERCENT: Readonly<Record<ProfileName, number>> = { flat: 100, business: 35, evening: 120, nightly: 100 };
const NOISE_PERMILLE = { cpuMin: 600, cpuRange: 801, memoryMin: 850, memoryRange: 151, gpuMin: 100, gpuRange: 901 };
const LEAK_PERIOD_MS = 24 * HOUR_MS;

export interface UsageShape {
  /** Nanocores, a whole number of millicores, at 100 % of the profile. */
  readonly cpu: number;
  /** Bytes in use at most, apart from the leak. */
  readonly memory: number;
  /** Whole GPUs that it keeps busy, from a tenth of the time to always. */
  readonly gpus: number;
  readonly profile: ProfileName;
  /** One segment in this many is a burst; 0 is never. */
  readonly burstEvery: number;
  /** What a burst multiplies CPU by. */
  readonly burstFactor: number;
  /** Memory that a container gathers in a day, in percent of `memory`, until it starts anew. */
  readonly leakPercent: number;
}

/** Where the segments of one container lie, and its randomness. */
export interface UsageTrack {
  readonly seed: number;
  readonly segmentMs: number;
  readonly phaseMs: number;
  readonly startMs: number;
}

export interface Usage {
  /** Nanocores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Nano-GPUs. */
  readonly gpu: number;
}

/** The start of the segment that holds `at`. */
export function segmentStart(track: UsageTrack, at: number): number {
  return Math.floor((at - track.phaseMs) / track.segmentMs) * track.segmentMs + track.phaseMs;
}

/** What a container uses at `at`, and throughout the segment that holds it. */
export function usageAt(shape: UsageShape, track: UsageTrack, at: number): Usage {
  const start = segmentStart(track, at);
  const hash = mix(track.seed, start);
  const noise = NOISE_PERMILLE.cpuMin + below(hash, NOISE_PERMILLE.cpuRange);
  const burst = shape.burstEvery > 0 && mix(hash, 1) % shape.burstEvery === 0 ? shape.burstFactor : 1;
  const millicores = Math.floor((((shape.cpu / MILLICORE) * levelPercent(shape.profile, start)) / 100 / 1_000) * noise);
  return {
    cpu: millicores * burst * MILLICORE,
    memory: memoryOf(
      shape,
      NOISE_PERMILLE.memoryMin + below(mix(hash, 2), NOISE_PERMILLE.memoryRange),
      start - track.startMs,
    ),
    gpu: shape.gpus * (NOISE_PERMILLE.gpuMin + below(mix(hash, 3), NOISE_PERMILLE.gpuRange)) * GPU_PERMILLE,
  };
}

/** More than a container ever uses: what a scheduler that knew the future would plan for. */
export function peakUsage(shape: UsageShape): Usage {
  const percent = Math.max(...PROFILES[shape.profile]) * (Math.max(100, WEEKEND_PERCENT[shape.profile]) / 100);
  const noise = NOISE_PERMILLE.cpuMin + NOISE_PERMILLE.cpuRange - 1;
  const cpu = Math.ceil((shape.cpu * percent * noise) / 100_000) * (shape.burstEvery > 0 ? shape.burstFactor : 1);
  const gpu = shape.gpus * 1_000 * GPU_PERMILLE;
  return { cpu, memory: memoryOf(shape, 1_000, LEAK_PERIOD_MS - 1) + PAGE_BYTES, gpu };
}

function memoryOf(shape: UsageShape, noisePermille: number, ageMs: number): number {
  const used = Math.floor((shape.memory * noisePermille) / 1_000);
  const age = Math.max(0, ageMs) % LEAK_PERIOD_MS;
  const leaked = Math.floor(((shape.memory * shape.leakPercent) / 100 / LEAK_PERIOD_MS) * age);
  return Math.floor((used + leaked) / PAGE_BYTES) * PAGE_BYTES;
}

/** Percent of the usual usage at an instant. */
function levelPercent(profile: ProfileName, at: number): number {
  const hours = PROFILES[profile];
  const hour = Math.floor(at / HOUR_MS);
  const from = hours[((hour % 24) + 24) % 24] ?? 100;
  const to = hours[(((hour + 1) % 24) + 24) % 24] ?? 100;
  const level = from + Math.floor(((to - from) * (at - hour * HOUR_MS)) / HOUR_MS);
  return isWeekend(at) ? Math.floor((level * WEEKEND_PERCENT[profile]) / 100) : level;
}
