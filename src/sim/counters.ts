/** Counters of what containers have used so far, remembered from one scrape to the next. */
import { createLru } from '../lib/lru.ts';
import type { Fleet } from './fleet.ts';
import type { ContainerRun, PodRun } from './pod-runs.ts';
import { segmentStart, usageAt } from './usage.ts';

export interface Counters {
  /** Nanocore-milliseconds that a container has used since its start, or since the fleet's where that is later. Exact. */
  cpuUsed(run: PodRun, container: ContainerRun, at: number): bigint;
}

interface Reading {
  readonly at: number;
  readonly used: bigint;
}

/** More than the containers of any fleet that is scraped. */
const REMEMBERED_MAX = 500_000;

const readingsOf = new WeakMap<Fleet, ReturnType<typeof createLru<Reading>>>();

/** All scrapes of one fleet share what is remembered. */
export function createCounters(fleet: Fleet, cluster: string): Counters {
  const readings = readingsOf.get(fleet) ?? createLru<Reading>(REMEMBERED_MAX);
  readingsOf.set(fleet, readings);
  return {
    cpuUsed(run, container, at) {
      const key = `${cluster}/${run.uid}/${container.plan.name}`;
      const begin = { at: Math.max(run.start, fleet.start), used: 0n };
      const last = readings.get(key) ?? begin;
      const from = last.at <= at ? last : begin;
      const used = from.used + cpuBetween(container, from.at, at);
      readings.set(key, { at, used });
      return used;
    },
  };
}

function cpuBetween({ plan, track }: ContainerRun, from: number, to: number): bigint {
  let used = 0n;
  for (let at = from; at < to; ) {
    const end = Math.min(to, segmentStart(track, at) + track.segmentMs);
    used += BigInt(usageAt(plan.usage, track, at).cpu) * BigInt(end - at);
    at = end;
  }
  return used;
}
