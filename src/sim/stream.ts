/** A stretch of a fleet's life as the posts that its sources would send, one at a time and in order, in flat memory. */
import { type AgentPost, type AgentPostOptions, agentPost } from './agent-post.ts';
import { type CollectorPost, type CollectorPostOptions, collectorPosts } from './collector-post.ts';
import type { Fleet } from './fleet.ts';

export interface StreamWindow {
  /** The first instant, in milliseconds. */
  readonly from: number;
  /** Posts come before this. */
  readonly to: number;
  readonly stepMs: number;
}

export interface SentPost<Body> {
  readonly at: number;
  readonly cluster: string;
  readonly body: Body;
}

export function* agentStream(
  fleet: Fleet,
  window: StreamWindow,
  options: AgentPostOptions = {},
): Generator<SentPost<AgentPost>> {
  for (const [at, cluster] of ticks(fleet, window)) {
    yield { at, cluster, body: agentPost(fleet, { ...options, cluster, at }) };
  }
}

export function* collectorStream(
  fleet: Fleet,
  window: StreamWindow,
  options: CollectorPostOptions = {},
): Generator<SentPost<CollectorPost>> {
  for (const [at, cluster] of ticks(fleet, window)) {
    for (const body of collectorPosts(fleet, { ...options, cluster, at })) yield { at, cluster, body };
  }
}

function* ticks(fleet: Fleet, { from, to, stepMs }: StreamWindow): Generator<[at: number, cluster: string]> {
  for (let at = Math.max(from, fleet.start); at < to; at += stepMs) {
    for (const { name } of fleet.clusters) yield [at, name];
  }
}
