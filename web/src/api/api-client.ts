import { errorOf, unreachable } from './api-error.ts';

/** GETs JSON from our own server with one key. */
export interface ApiClient {
  /**
   * `undefined` parameters are left out. Rejects with an ApiError for every refusal, and with the signal's reason when
   * aborted. The reply is taken to match the contract: the server checks its replies with the same schema in its tests.
   */
  get<T>(path: string, params: Params, signal?: AbortSignal): Promise<T>;
}

export type Params = Readonly<Record<string, string | number | undefined>>;

const TIMEOUT_MS = 60_000;

export function createApiClient(key: string): ApiClient {
  return {
    async get<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
      const response = await request(`${path}?${queryOf(params)}`, key, signal);
      if (!response.ok) throw errorOf(response.status, await response.json().catch(() => undefined));
      const reply: T = await response.json();
      return reply;
    },
  };
}

async function request(url: string, key: string, signal: AbortSignal | undefined): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${key}` },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch {
    signal?.throwIfAborted(); // the page moved on: nobody waits for an explanation
    throw unreachable();
  }
}

function queryOf(params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, String(value));
  return query.toString();
}
