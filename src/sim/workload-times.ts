/** When the replicas of a workload are wanted, and when their versions change. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { mix } from './hash.ts';
import type { Placement } from './scheduler.ts';
import { always, cycle, daily, delayed, type Grid, schedule, type Timeline } from './timeline.ts';
import type { ProfileName } from './usage.ts';

interface TimesOptions extends Grid {
  /** Of the workload. */
  readonly seed: number;
}

/** The busy hours of a UTC day, in which an autoscaler adds replicas. */
const BUSY: Readonly<Record<ProfileName, { from: number; to: number; weekends: boolean }>> = {
  flat: { from: 8, to: 20, weekends: true },
  business: { from: 7, to: 18, weekends: false },
  evening: { from: 13, to: 23, weekends: true },
  nightly: { from: 0, to: 6, weekends: true },
};
/** Each further replica comes later and goes sooner than the one before. */
const SCALE_STAGGER_MS = 15 * MINUTE_MS;
const SCALE_STAGGERS_MAX = 10;
const SCALE_JITTER_MS = 20 * MINUTE_MS;
/** A rollout takes one replica after the other. */
const ROLLOUT_STAGGER_MS = 30 * SECOND_MS;
const VERSION_JITTER = 0.4;

export function presenceOf({ workload, replica }: Placement, { seed, alignMs }: TimesOptions): Timeline {
  const { presence } = workload;
  if (presence.kind === 'cron') return schedule({ ...presence, seed, alignMs });
  if (presence.kind === 'every-node' || replica < presence.min) return always;
  const { from, to, weekends } = BUSY[workload.containers[0]?.usage.profile ?? 'flat'];
  const staggerMs = Math.min(replica - presence.min, SCALE_STAGGERS_MAX) * SCALE_STAGGER_MS;
  return daily({
    seed: mix(seed, replica),
    fromMs: from * HOUR_MS + staggerMs,
    toMs: to * HOUR_MS - staggerMs,
    jitterMs: SCALE_JITTER_MS,
    weekends,
    alignMs,
  });
}

export function versionsOf({ workload, replica }: Placement, { seed, alignMs }: TimesOptions): Timeline {
  const { versionLifeMs } = workload;
  if (versionLifeMs === 0 || workload.kind === 'CronJob') return always;
  const versions = cycle({ seed, periodMs: versionLifeMs, jitterMs: versionLifeMs * VERSION_JITTER, alignMs });
  const staggerMs = Math.max(ROLLOUT_STAGGER_MS, alignMs) * replica;
  return delayed(versions, Math.floor(staggerMs / alignMs) * alignMs);
}
