import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access, RouteContract } from '../contracts/route.ts';
import { AppError } from '../lib/errors.ts';
import { type FieldProblem, problemsOf, refusalOf } from './field-problems.ts';
import { NotModified, Streamed, sendStreamed } from './streamed.ts';

/** A request whose parts are as the contract says. */
export interface Call<C extends RouteContract> {
  readonly params: Part<C, 'params'>;
  readonly query: Part<C, 'query'>;
  readonly body: C extends { sourceBody: z.ZodType } ? unknown : Part<C, 'body'>;
  readonly request: FastifyRequest;
  /** For another status than the usual one, or a header. */
  readonly reply: FastifyReply;
  /** Aborted when the caller leaves or the time is up. */
  readonly signal: AbortSignal;
}

type Part<C, K extends 'params' | 'query' | 'body'> =
  C extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : undefined;

export interface RouteOptions {
  /** Parse each reply with its contract, so that the documentation cannot drift. For tests. */
  readonly checkReplies: boolean;
  /** Longest time for an answer; then the call's signal is aborted and the caller gets `query_timeout`. */
  readonly requestTimeoutMs: number;
}

const PARTS = ['params', 'query', 'body'] as const;
const PLACE = { params: 'path', query: 'query', body: 'body' } as const;
const OWN_SURFACE = '/v1/';
const NO_PARAMETERS = z.strictObject({});

/** The one adapter between a contract and Fastify: validation, access, status and reply all follow from the contract. */
export type AddRoute = <C extends RouteContract, const A extends z.input<C['reply']>>(
  contract: C,
  handle: (call: Call<C>) => Answer<C, A> | Promise<Answer<C, A>>,
  options?: HandlerOptions<C>,
) => void;

interface HandlerOptions<C extends RouteContract> {
  readonly timeoutMs?: number;
  /** Says in the words of its surface that a request is not as the contract says; a problem where there are none. */
  readonly refused?: (error: AppError, call: { request: FastifyRequest; reply: FastifyReply }) => z.input<C['reply']>;
}

type Answer<C extends RouteContract, A> = A | Streamed<z.input<C['reply']>> | NotModified;

export function createRouteAdder(app: FastifyInstance, { checkReplies, requestTimeoutMs }: RouteOptions): AddRoute {
  return (contract, handle, { timeoutMs = requestTimeoutMs, refused } = {}) => {
    app.route({
      method: contract.method,
      url: contract.url,
      config: { access: accessOf(contract) },
      async handler(request, reply) {
        reply.code(contract.status ?? 200);
        const { signal, hasBegun } = lifeOf(reply, timeoutMs);
        const parts = checked(contract, request);
        if (parts instanceof AppError) {
          if (refused === undefined) throw parts;
          return refused(parts, { request, reply });
        }
        const answer = await Promise.race([handle({ ...parts, request, reply, signal }), endOf(signal)]);
        hasBegun();
        if (answer instanceof Streamed || answer instanceof NotModified) {
          return sendStreamed(answer, reply, checkReplies ? contract.reply : undefined);
        }
        if (checkReplies) contract.reply.parse(answer);
        return answer;
      },
    });
  };
}

/**
 * Aborted when the time is up before the answer has begun, or when the connection ends before all of it is sent. Not Fastify's own
 * signal: that one is aborted as soon as a request's body has been read, which is when the work begins.
 */
function lifeOf(reply: FastifyReply, timeoutMs: number): { signal: AbortSignal; hasBegun: () => void } {
  const life = new AbortController();
  const timer = setTimeout(() => {
    life.abort(new AppError('query_timeout', `cannot answer within ${timeoutMs} ms`));
  }, timeoutMs);
  reply.raw.once('close', () => {
    clearTimeout(timer);
    life.abort();
  });
  return { signal: life.signal, hasBegun: () => clearTimeout(timer) };
}

/** Rejects with the signal's reason: not all that a route waits for can be told to stop, and no caller waits for it. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function accessOf({ scope, orScope, anonymous, open, keyed }: RouteContract): Access {
  if (scope === undefined) return { open, ...(keyed && { keyed }) };
  return { scope, ...(orScope && { orScope }), ...(anonymous && { anonymous }) };
}

type Parts<C extends RouteContract> = Pick<Call<C>, (typeof PARTS)[number]>;

/** All parts parsed, or every problem of all parts at once. */
function checked<C extends RouteContract>(contract: C, request: FastifyRequest): Parts<C> | AppError {
  const problems: FieldProblem[] = [];
  const parts: Record<string, unknown> = { body: contract.sourceBody ? request.body : undefined };
  for (const part of PARTS) {
    const result = schemaOf(contract, part)?.safeParse(request[part], { reportInput: true });
    parts[part] ??= result?.data;
    for (const issue of result?.error?.issues ?? []) problems.push(...problemsOf(issue, PLACE[part]));
  }
  if (problems.length === 0) return parts as Parts<C>;
  return refusalOf(problems);
}

/** On our own surface a parameter that a route does not know is refused; elsewhere others' clients add what they like. */
function schemaOf(contract: RouteContract, part: (typeof PARTS)[number]): z.ZodType | undefined {
  const own = contract.url.startsWith(OWN_SURFACE);
  return contract[part] ?? (part === 'query' && own ? NO_PARAMETERS : undefined);
}
