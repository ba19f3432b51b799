import type { FastifyReply, FastifyRequest } from 'fastify';
import { ledgerHours } from '../core/coverage.ts';
import { MINUTE_MS } from '../lib/clock.ts';
import { digestOf } from '../lib/digest.ts';
import type { EvidenceScope, LedgerLook } from '../queries/evidence.ts';
import type { ServerDeps } from './dependencies.ts';
import { NotModified } from './streamed.ts';

/** For so long a caller need not ask again for hours that are over; late data shows after it. */
const MAX_AGE_S = 60;
/** Of the digest, in base64: 132 bits. */
const TAG_CHARS = 22;

export interface CachedCall<T> {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** All of it is in the tag, with whose hours it is about. */
  readonly question: EvidenceScope;
  /** Whatever else the answer depends on: its format, page, metric. */
  readonly shown: unknown;
  /** Is given what was seen of the ledger: by its stamp answers may be kept. */
  readonly answer: (look: LedgerLook) => Promise<T>;
  readonly signal: AbortSignal;
}

/**
 * Answers with an entity tag, or not at all where the caller has the answer already.
 *
 * The tag is of the question, of who asks, of this program's version, and of the ledger's own versions: it is known without
 * computing the answer, and another whenever late data or another price changed an hour of the window. Where all hours of
 * the window are over it is a strong one. Where some are not, coverage grows with every moment: the tag is weak and lasts for
 * the minute. Nothing is kept by shared caches, and a cache of one caller keeps keys apart.
 */
export async function answerCached<T>(
  { evidence, clock, version }: Pick<ServerDeps, 'evidence' | 'clock' | 'version'>,
  { request, reply, question, shown, answer, signal }: CachedCall<T>,
): Promise<T | NotModified> {
  const now = clock.now();
  const end = ledgerHours({ start: 0, end: question.sets.at(-1)?.end ?? 0 }).end;
  const isOver = end <= now;
  const look = await evidence.look(question, signal);
  const asked = [
    version,
    request.routeOptions.url,
    question,
    shown,
    look.stamp,
    isOver ? null : Math.floor(now / MINUTE_MS),
  ];
  const digest = digestOf(asked).slice(0, TAG_CHARS);
  const tag = isOver ? `"${digest}"` : `W/"${digest}"`;
  const isKnown = holdsTag(request.headers['if-none-match'], tag);
  const result = isKnown ? new NotModified() : await answer(look);
  reply
    .header('etag', tag)
    .header('cache-control', isOver ? `private, max-age=${MAX_AGE_S}, must-revalidate` : 'private, no-cache')
    .header('vary', [reply.getHeader('vary'), 'authorization', 'x-api-key'].filter(Boolean).join(', '));
  return result;
}

/** Whether a list of tags names this one, weak or not, as RFC 9110 compares them for `If-None-Match`. */
function holdsTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const bare = (text: string) => text.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((one) => bare(one) === bare(tag));
}
