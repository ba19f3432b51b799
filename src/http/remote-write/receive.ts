import { DAY_MS, MINUTE_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { createKeepRule } from '../../sources/remote-write/keep.ts';
import { DROP_REASONS, REFUSE_REASONS, refusedCount, type WriteCounts } from '../../sources/remote-write/outcome.ts';
import { createRemoteWrite, type WriteVersion } from '../../sources/remote-write/remote-write.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { createIngestTargets } from '../ingest-target.ts';

type Deps = Pick<ServerDeps, 'clusters' | 'intake' | 'sourceLog' | 'settings' | 'metrics' | 'clock' | 'log'>;

export interface ReceivedWrite {
  readonly body: Buffer;
  readonly version: WriteVersion;
  readonly principal: Principal;
  /** The cluster of the whole request, where the sender says it beside the body. */
  readonly clusterName: string | null;
  readonly signal: AbortSignal;
}

/** Takes a write request; when it returns, every point that it kept is durable. */
export type ReceiveWrite = (write: ReceivedWrite) => Promise<WriteCounts>;

const SOURCE = 'remote-write';

/** Both surfaces of remote write share one: what is known of series, and what is counted. */
export function createReceiveWrite(deps: Deps): ReceiveWrite {
  const { intake, sourceLog, clock, settings } = deps;
  const { sampleAgeDaysMax, clockSkewMinutesMax, rowsPerPostMax } = settings.intake;
  const { keep, clusterLabels, replicaLabels } = settings.remoteWrite;
  const limits = {
    ageMs: sampleAgeDaysMax * DAY_MS,
    futureMs: clockSkewMinutesMax * MINUTE_MS,
    rowsMax: rowsPerPostMax,
  };
  const targets = createIngestTargets(deps);
  const count = sampleCounter(deps);
  const parse = createRemoteWrite({
    keep: createKeepRule(keep),
    clusterLabels,
    replicaLabels,
    unpackedBytesMax: settings.http.bodyDecompressedBytesMax,
  });

  return async (write) => {
    const { body, version, principal, clusterName, signal } = write;
    const owner = [principal.tenantId, principal.clusterId ?? '', clusterName ?? ''].join('/');
    const { clusters, counts, durable } = await parse({ body, version, owner }, { now: clock.now(), limits });
    count(counts);
    // Every target before any row is taken: a cluster that the key may not speak of costs the whole request.
    const asked = await Promise.all(
      clusters.map(async (part) => {
        const name = clusterName ?? part.clusterName;
        const isTaken = part.points.values.length > 0; // or no cluster is made for it
        return { ...part, target: await (isTaken ? targets.of(principal, name) : targets.find(principal, name)) };
      }),
    );
    const parts = asked.flatMap(({ target, ...part }) => (target ? [{ ...part, target }] : []));
    await Promise.all(
      parts.map(({ target, points }) =>
        intake.accept(target, { source: SOURCE, containers: [], nodes: [], points }, signal),
      ),
    );
    durable();
    for (const { target, points, newestAt } of parts) {
      sourceLog.note(target, SOURCE, { taken: points.values.length, refused: {}, newestAt });
      await targets.reported(target);
    }
    if (refusedCount(counts) > 0) {
      // What is refused has no cluster of its own: it is told beside what came with it.
      const target = clusters.length > 0 ? parts[0]?.target : await targets.find(principal, clusterName);
      if (target) sourceLog.note(target, SOURCE, { taken: 0, refused: refusals(counts), newestAt: null });
    }
    return counts;
  };
}

/** The body, in the corner whose parser makes bytes of any. */
export function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Throws where a sender must be told of what was refused: always in 2.0, and in 1.0 where nothing could be taken. */
export function checkRefusals(counts: WriteCounts, version: WriteVersion): void {
  const refused = refusedCount(counts);
  if (refused === 0 || (version === '1.0' && counts.samples > refused)) return;
  const message = `cannot take ${refused} of ${counts.samples} samples; the first: ${counts.firstFault ?? ''}`;
  throw new AppError('invalid_payload', message, { details: { refused: counts.refused, kept: counts.kept } });
}

function refusals({ refused }: WriteCounts): Record<string, number> {
  const told = REFUSE_REASONS.map((reason) => [reason.replaceAll('_', ' '), refused[reason]] as const);
  return Object.fromEntries(told.filter(([, count]) => count > 0));
}

function sampleCounter({ metrics }: Deps): (counts: WriteCounts) => void {
  const samples = metrics.counter({
    name: 'kubetally_remote_write_samples_total',
    help: 'Samples, histograms and exemplars of write requests by what became of them: kept, dropped on purpose, or refused.',
    labels: ['outcome'],
  });
  return ({ kept, dropped, refused }) => {
    samples.add(kept, { outcome: 'kept' });
    for (const reason of DROP_REASONS) samples.add(dropped[reason], { outcome: reason });
    for (const reason of REFUSE_REASONS) samples.add(refused[reason], { outcome: reason });
  };
}
