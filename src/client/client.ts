import { z } from 'zod';
import type { RouteContract } from '../contracts/route.ts';

/** A Kubetally server over HTTP: any route that has a contract, each reply checked against it. */
export interface Client {
  /** Throws `ClientError`. */
  call<C extends RouteContract>(contract: C, request: CallOf<C>, signal?: AbortSignal): Promise<ReplyOf<C>>;
}

type InputOf<T> = T extends z.ZodType ? z.input<T> : undefined;

/** What a route takes, as its contract says. */
export interface CallOf<C extends RouteContract> {
  readonly params?: InputOf<C['params']>;
  readonly query?: InputOf<C['query']>;
  readonly body?: InputOf<C['body']>;
}

export type ReplyOf<C extends RouteContract> = z.output<C['reply']>;

export interface ClientOptions {
  /** The server's address; a path in it is kept. */
  readonly url: string;
  /** `key_id:secret` */
  readonly key: string;
  /** Longest time for one question. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/** The server refused, or could not be reached (`status` and `code` are then null). The message is for people. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly status: number | null;
  readonly code: string | null;

  constructor(message: string, facts: { status?: number; code?: string | undefined; cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status ?? null;
    this.code = facts.code ?? null;
  }
}

export function createClient(options: ClientOptions): Client {
  return {
    async call<C extends RouteContract>(contract: C, request: CallOf<C>, signal?: AbortSignal): Promise<ReplyOf<C>> {
      const url = addressOf(options.url, contract, request);
      const response = await send(url, { contract, body: request.body, options, signal });
      const body = await bodyOf(response);
      if (!response.ok) throw refusal(url, response.status, body);
      const parsed = contract.reply.safeParse(body);
      if (!parsed.success) throw misunderstanding(url, response.status, parsed.error);
      return parsed.data as ReplyOf<C>; // the contract's own reply has just made it
    },
  };
}

interface Sending {
  readonly contract: RouteContract;
  readonly body: unknown;
  readonly options: ClientOptions;
  readonly signal: AbortSignal | undefined;
}

async function send(url: URL, { contract, body, options, signal }: Sending): Promise<Response> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    return await fetch(url, {
      method: contract.method,
      headers: { accept: 'application/json', authorization: `Bearer ${options.key}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // the key is for this server alone
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (cause) {
    throw new ClientError(`cannot reach ${url.origin}: ${reasonOf(cause)}`, { cause });
  }
}

const Parameter = z.union([z.string(), z.number(), z.boolean()]).optional();

function addressOf(base: string, contract: RouteContract, { params = {}, query = {} }: CallOf<RouteContract>): URL {
  const root = URL.parse(base);
  if (root === null || !/^https?:$/.test(root.protocol)) {
    throw new ClientError('the server must be an address such as http://kubetally:8080');
  }
  const values = new Map(Object.entries(params));
  const path = contract.url.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const url = new URL(
    root.pathname.replace(/\/?$/, () => path),
    root,
  );
  for (const [name, value] of Object.entries(z.record(z.string(), Parameter).parse(query))) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined; // what it means follows from the status, or from the contract
  }
}

const Problem = z.looseObject({
  code: z.string().optional(),
  detail: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
});

function refusal(url: URL, status: number, body: unknown): ClientError {
  const problem = Problem.safeParse(body).data;
  const why = problem?.detail ?? problem?.message ?? problem?.error ?? 'without saying why';
  return new ClientError(`${url.origin} refused (${status}): ${why}`, {
    status,
    code: problem?.code ?? problem?.error,
  });
}

function misunderstanding(url: URL, status: number, error: z.ZodError): ClientError {
  const [issue] = error.issues;
  const place = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  const message = `cannot understand the reply of ${url.origin} (${place}): is it a Kubetally of this version?`;
  return new ClientError(message, { status });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error ? error.cause.message || reasonCode(error.cause) : error.message;
}

/** A refused connection on several addresses has a code and no message. */
function reasonCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
