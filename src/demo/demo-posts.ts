import { SOURCES, type SourceName } from '../core/samples.ts';
import { DAY_MS, HOUR_MS, hourStart, MINUTE_MS } from '../lib/clock.ts';
import { agentPost } from '../sim/agent-post.ts';
import { collectorPosts } from '../sim/collector-post.ts';
import type { Fleet } from '../sim/fleet.ts';
import { kokuArchive } from '../sim/koku-report.ts';
import { watchedBatch } from '../sim/kubernetes-samples.ts';
import { seriesAt } from '../sim/series.ts';
import { WRITE_HEADERS, writeRequest } from '../sim/write-request.ts';
import { encodeSamples } from '../sources/native/encode.ts';
import type { Post } from './feed.ts';

/** The way in that a cluster of the demo uses; without one named, each its own: the first an agent, the others collectors. */
export const DEMO_SOURCES = SOURCES;
export type DemoSource = SourceName;

export interface DemoStretch {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly source: DemoSource | undefined;
}

/** Ends of pods are told of for longer than a step, so that none is missed. */
const AFTERLIFE_STEPS = 2;

/**
 * What the fleet's sources send over a stretch of its life, in order, one body at a time. Sources that are asked send
 * nothing: what they would answer is in upstreams.ts.
 */
export async function* demoPosts(fleet: Fleet, stretch: DemoStretch): AsyncGenerator<Post> {
  if (stretch.source === 'koku') {
    yield* uploads(fleet, stretch);
    return;
  }
  for (let at = stretch.from; at < stretch.to; at += stretch.stepMs) {
    for (const [index, { name: cluster }] of fleet.clusters.entries()) {
      const source = stretch.source ?? (index === 0 ? 'agent' : 'collector');
      yield* postsAt(fleet, { cluster, at, source, stepMs: stretch.stepMs });
    }
  }
}

interface Moment {
  readonly cluster: string;
  readonly at: number;
  readonly source: DemoSource;
  readonly stepMs: number;
}

function* postsAt(fleet: Fleet, { cluster, at, source, stepMs }: Moment): Generator<Post> {
  const told = Math.max(AFTERLIFE_STEPS * stepMs, AFTERLIFE_STEPS * MINUTE_MS);
  switch (source) {
    case 'agent':
      yield { at, path: '/v1/ingest', body: agentPost(fleet, { cluster, at }) };
      return;
    case 'collector': {
      const options = { cluster, at, jitterMs: 0, afterlife: { completedMs: told, deletedMs: told } };
      for (const body of collectorPosts(fleet, options)) yield { at, path: '/metrics', body };
      return;
    }
    case 'kubernetes': {
      // Collectors that know usage alone, and beside them a watch of the API server that knows the rest.
      for (const body of collectorPosts(fleet, { cluster, at, jitterMs: 0, extended: false })) {
        yield { at, path: '/metrics', body: { ...body, cluster_name: cluster } };
      }
      const watched = watchedBatch(fleet, { cluster, from: at - stepMs, to: at });
      yield { at, path: '/v1/samples', body: encodeSamples({ ...watched, source: 'kubernetes' }, cluster) };
      return;
    }
    case 'remote-write': {
      const bytes = writeRequest(seriesAt(fleet, { cluster, at }), { at, external: { cluster } });
      yield { at, path: '/api/v1/write', bytes, headers: WRITE_HEADERS };
      return;
    }
    case 'koku':
    case 'prometheus':
    case 'kubecost':
  }
}

/** Each cluster's operator uploads a day at a time, and of today what is over. */
async function* uploads(fleet: Fleet, { from, to }: DemoStretch): AsyncGenerator<Post> {
  const end = hourStart(to);
  for (let start = hourStart(from); start < end; start += DAY_MS) {
    const until = Math.min(start + DAY_MS, end);
    for (const { name: cluster } of fleet.clusters) {
      const archive = await kokuArchive(fleet, { cluster, from: start, to: until, columns: 20 });
      const form = new FormData();
      form.set('file', new Blob([Buffer.from(archive)]), `${cluster}.tar.gz`);
      yield { at: until - HOUR_MS, path: '/api/ingress/v1/upload', form };
    }
  }
}
