import { MINUTE_MS } from '../lib/clock.ts';
import { agentPost } from '../sim/agent-post.ts';
import { collectorPosts } from '../sim/collector-post.ts';
import type { Fleet } from '../sim/fleet.ts';
import type { Post } from './feed.ts';

/** The way in that a cluster of the demo uses; without one named, each its own: the first an agent, the others collectors. */
export const DEMO_SOURCES = ['agent', 'collector'] as const;
export type DemoSource = (typeof DEMO_SOURCES)[number];

export interface DemoStretch {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly source: DemoSource | undefined;
}

/** Ends of pods are told of for longer than a step, so that none is missed. */
const AFTERLIFE_STEPS = 2;

/** What the fleet's sources send over a stretch of its life, in order, one body at a time. */
export function* demoPosts(fleet: Fleet, { from, to, stepMs, source }: DemoStretch): Generator<Post> {
  const told = Math.max(AFTERLIFE_STEPS * stepMs, AFTERLIFE_STEPS * MINUTE_MS);
  for (let at = from; at < to; at += stepMs) {
    for (const [index, { name: cluster }] of fleet.clusters.entries()) {
      if ((source ?? (index === 0 ? 'agent' : 'collector')) === 'agent') {
        yield { path: '/v1/ingest', body: agentPost(fleet, { cluster, at }) };
        continue;
      }
      const options = { cluster, at, jitterMs: 0, afterlife: { completedMs: told, deletedMs: told } };
      for (const body of collectorPosts(fleet, options)) yield { path: '/metrics', body };
    }
  }
}
