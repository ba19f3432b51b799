import { postAgentMetrics, postCollectorMetrics } from '../../contracts/ingest.ts';
import { postSamples } from '../../contracts/samples.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { parseAgentPost } from '../../sources/agent/agent.ts';
import { parseCollectorPost } from '../../sources/collector/collector.ts';
import { parseSamplesPost } from '../../sources/native/native.ts';
import type { ParsedPost, ParsePost, SourceLimits } from '../../sources/source.ts';
import type { ServerDeps } from '../dependencies.ts';
import { createIngestTargets, type IngestTargets } from '../ingest-target.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute, Call } from '../route.ts';
import { sourceNoteOf } from '../source-note.ts';

type Deps = Pick<ServerDeps, 'clusters' | 'intake' | 'sourceLog' | 'settings' | 'metrics' | 'clock' | 'log'>;
type PostCall = Pick<Call<typeof postAgentMetrics>, 'body' | 'request' | 'signal'>;

/**
 * Posts of agents and collectors, and samples in our own words. The reply follows the rows to the disk: a 2xx means that they are durable. Rows that
 * cannot be taken are named in the reply; a post of which nothing can be taken is refused, and makes no cluster.
 */
export function addIngestRoutes(add: AddRoute, deps: Deps): void {
  const targets = createIngestTargets(deps);
  const agent = createReceiver(parseAgentPost, targets, deps);
  const collector = createReceiver(parseCollectorPost, targets, deps);
  const samples = createReceiver(parseSamplesPost, targets, deps);
  const count = rowCounter(deps);
  add(postAgentMetrics, async (call) => ({ status: 'accepted', ...count('agent', await agent(call)) }));
  add(postCollectorMetrics, async (call) => ({ status: 'ok', ...count('collector', await collector(call)) }));
  add(postSamples, async (call) => {
    const post = await samples(call);
    return { status: 'accepted', ...count(post.batch.source, post) };
  });
}

function createReceiver(parse: ParsePost, targets: IngestTargets, deps: Deps): (call: PostCall) => Promise<ParsedPost> {
  const { intake, sourceLog, clock } = deps;
  const limits = limitsOf(deps.settings.intake);
  return async ({ body, request, signal }) => {
    const post = parse(body, { now: clock.now(), limits });
    const principal = principalOf(request);
    if (post.acceptedCount === 0 && post.rejectedCount > 0) {
      const known = await targets.find(principal, post.clusterName);
      if (known) sourceLog.note(known, post.batch.source, sourceNoteOf(post));
      throw nothingTaken(post);
    }
    const target = await targets.of(principal, post.clusterName);
    await intake.accept(target, post.batch, signal);
    sourceLog.note(target, post.batch.source, sourceNoteOf(post));
    await targets.reported(target);
    return post;
  };
}

function limitsOf(intake: Deps['settings']['intake']): SourceLimits {
  return {
    futureMs: intake.clockSkewMinutesMax * MINUTE_MS,
    ageMs: intake.sampleAgeDaysMax * DAY_MS,
    rowsMax: intake.rowsPerPostMax,
  };
}

function nothingTaken({ rejected, rejectedCount }: ParsedPost): AppError {
  const [first] = rejected;
  const message = `cannot take any of the ${rejectedCount} rows; the first: ${first?.field}: ${first?.message}`;
  const problems = rejected.map(({ field, message }) => ({ field, message, in: 'body' }));
  return new AppError('invalid_payload', message, { details: { problems } });
}

function rowCounter({ metrics }: Deps) {
  const labels = ['source'] as const;
  const taken = metrics.counter({ name: 'kubetally_intake_rows_total', help: 'Rows taken and durable.', labels });
  const refused = metrics.counter({ name: 'kubetally_intake_rejected_rows_total', help: 'Rows refused.', labels });
  return (source: string, post: ParsedPost) => {
    taken.add(post.acceptedCount, { source });
    refused.add(post.rejectedCount, { source });
    return outcomeOf(post);
  };
}

/** Nothing, where all was taken: the reply is then the one that old senders compare with. */
function outcomeOf({ acceptedCount, rejectedCount, rejected, warnings }: ParsedPost) {
  return {
    ...(rejectedCount > 0 ? { accepted: acceptedCount, rejected_count: rejectedCount, rejected: [...rejected] } : {}),
    ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
  };
}
