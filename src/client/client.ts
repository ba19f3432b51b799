import { z } from 'zod';
import { ClusterCosts, NamespaceCosts, Trends, Utilization } from '../contracts/costs.ts';

/** The cost questions of a Kubetally server over HTTP, each reply checked against its contract. */
export interface Client {
  namespaces(ask: PagedAsk, signal?: AbortSignal): Promise<NamespaceCosts>;
  clusters(ask: PagedAsk, signal?: AbortSignal): Promise<ClusterCosts>;
  utilization(ask: PagedAsk, signal?: AbortSignal): Promise<Utilization>;
  trends(ask: TrendAsk, signal?: AbortSignal): Promise<Trends>;
}

/** A half-open window of RFC 3339 instants, and what to look at. */
export interface Ask {
  readonly start_time: string;
  readonly end_time: string;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface PagedAsk extends Ask {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface TrendAsk extends Ask {
  readonly interval?: Trends['interval'] | undefined;
}

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

/** Every method throws `ClientError`. */
export function createClient(options: ClientOptions): Client {
  const get = <T>(path: string, reply: z.ZodType<T>) => {
    return (ask: object, signal?: AbortSignal): Promise<T> => question(options, { path, ask, reply, signal });
  };
  return {
    namespaces: get('v1/costs/namespaces', NamespaceCosts),
    clusters: get('v1/costs/clusters', ClusterCosts),
    utilization: get('v1/costs/utilization', Utilization),
    trends: get('v1/costs/trends', Trends),
  };
}

interface Question<T> {
  readonly path: string;
  readonly ask: object;
  readonly reply: z.ZodType<T>;
  readonly signal: AbortSignal | undefined;
}

async function question<T>(options: ClientOptions, { path, ask, reply, signal }: Question<T>): Promise<T> {
  const url = addressOf(options.url, path, ask);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const response = await fetch(url, {
    headers: { accept: 'application/json', authorization: `Bearer ${options.key}` },
    redirect: 'error', // the key is for this server alone
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }).catch((cause: unknown) => {
    throw new ClientError(`cannot reach ${url.origin}: ${reasonOf(cause)}`, { cause });
  });
  const body = await bodyOf(response);
  if (!response.ok) throw refusal(url, response.status, body);
  const parsed = reply.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new ClientError(`cannot understand the reply of ${url.origin} (${place}): is it a Kubetally of this version?`, {
    status: response.status,
  });
}

function addressOf(base: string, path: string, ask: object): URL {
  const root = URL.parse(base);
  if (root === null || !/^https?:$/.test(root.protocol)) {
    throw new ClientError('the server must be an address such as http://kubetally:8080');
  }
  if (!root.pathname.endsWith('/')) root.pathname += '/';
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(ask)) if (value !== undefined) url.searchParams.set(name, String(value));
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

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error ? error.cause.message || reasonCode(error.cause) : error.message;
}

/** A refused connection on several addresses has a code and no message. */
function reasonCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
