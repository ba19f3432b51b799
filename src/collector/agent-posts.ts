import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Secret } from '../config/secret.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { parseCollectorPost } from '../sources/collector/collector.ts';
import { type ParsedPost, SOURCE_LIMITS } from '../sources/source.ts';
import { pack, recordOf } from './parcel.ts';
import { type PostedBody, readPostedBody } from './request-body.ts';
import type { Spool } from './spool.ts';
import type { Reply } from './status-server.ts';
import type { Telemetry } from './telemetry.ts';

export interface AgentPostsDeps {
  readonly spool: Pick<Spool, 'append'>;
  readonly telemetry: Pick<Telemetry, 'add'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** For posts that name none; null leaves it to the server's key. */
  readonly clusterName: string | null;
  /** What collectors must send; null asks for nothing. */
  readonly collectorKey: Pick<Secret, 'reveal'> | null;
}

export interface AgentPosts {
  /** Answers one `POST /metrics`: 200 means that the post is on disk. Does not throw. */
  answer(request: IncomingMessage): Promise<Reply>;
  /** Whether the last post could be kept. */
  readonly keeping: boolean;
}

/** Read and checked at once; each may take some tens of megabytes while it is. */
const POSTS_AT_ONCE_MAX = 64;

/**
 * Posts of collectors as the agent takes them: checked by the server's own parser, so that what would be refused there is
 * refused here, where its sender hears of it.
 */
export function createAgentPosts(deps: AgentPostsDeps): AgentPosts {
  let underWay = 0;
  let keeping = true;

  async function take(request: IncomingMessage): Promise<ParsedPost> {
    checkKey(request, deps.collectorKey);
    if (underWay >= POSTS_AT_ONCE_MAX) {
      throw new AppError(
        'intake_full',
        `cannot take a post: ${underWay} are being read, at most ${POSTS_AT_ONCE_MAX} may`,
      );
    }
    underWay += 1;
    try {
      const body = await readPostedBody(request);
      const post = parseCollectorPost(body.json, { now: deps.clock.now(), limits: SOURCE_LIMITS });
      if (post.acceptedCount === 0) throw new AppError('invalid_payload', 'cannot take any row of the post');
      const record = recordOf({ kind: 'collector', body: await bodyToKeep(body, post, deps.clusterName) });
      keeping = false;
      await deps.spool.append(record);
      keeping = true;
      return post;
    } finally {
      underWay -= 1;
    }
  }

  return {
    get keeping() {
      return keeping;
    },
    async answer(request) {
      try {
        const post = await take(request);
        deps.telemetry.add('kubetally_agent_posts_total', 1);
        return { status: 200, body: { status: 'ok', ...outcomeOf(post) } };
      } catch (error) {
        deps.telemetry.add('kubetally_agent_refused_posts_total', 1);
        return refusalOf(error, deps.log);
      }
    },
  };
}

/** As it came, wherever it can be sent on as it came. */
async function bodyToKeep(
  { gzipped, json }: PostedBody,
  post: ParsedPost,
  clusterName: string | null,
): Promise<Buffer> {
  if (post.clusterName === null && clusterName !== null) {
    return await pack(JSON.stringify({ ...Object(json), cluster_name: clusterName }));
  }
  return gzipped ?? (await pack(JSON.stringify(json)));
}

/** As `X-Api-Key`, or after `Bearer` or `ApiKey`. Compared by hash: in the same time whatever was sent. */
function checkKey({ headers }: IncomingMessage, expected: Pick<Secret, 'reveal'> | null): void {
  if (expected === null) return;
  const sent = headers['x-api-key'] ?? headers.authorization?.replace(/^(Bearer|ApiKey) +/i, '');
  if (sent === undefined) throw new AppError('api_key_missing', 'a key is needed to post here');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(String(sent)), digest(expected.reveal()))) return;
  throw new AppError('api_key_invalid', 'the key is not the one that this agent expects');
}

function outcomeOf({ acceptedCount, rejectedCount, rejected }: ParsedPost) {
  return rejectedCount === 0 ? {} : { accepted: acceptedCount, rejected_count: rejectedCount, rejected };
}

function refusalOf(error: unknown, log: AgentPostsDeps['log']): Reply {
  const known = error instanceof AppError ? error : new AppError('internal', 'the agent could not take the post');
  if (known.code === 'internal') log.error({ error }, 'a post could not be taken');
  else if (known.status >= 500) log.warn({ error }, 'a post was not kept; its sender was told');
  const { code, message, details = {}, retryAfterSeconds, status } = known;
  return {
    status,
    body: { ...details, error: code, code, message },
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  };
}
