/** Why an answer could not be had, told so that a person can act on it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** The server's stable code, such as `api_key_invalid`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The server does not know this key (any more): only another key helps. */
  get keyRefused(): boolean {
    return this.status === 401;
  }

  /** The same call may succeed later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const UNREACHABLE = 'The server cannot be reached. It may be starting, or the network is down.';

export function unreachable(): ApiError {
  return new ApiError(0, 'unreachable', UNREACHABLE);
}

/** An error reply (problem JSON, or whatever a proxy on the way put in its place) as an ApiError. */
export function errorOf(status: number, body: unknown): ApiError {
  const code = textMember(body, 'code') ?? textMember(body, 'error') ?? `http_${status}`;
  const message = textMember(body, 'message') ?? textMember(body, 'detail') ?? textMember(body, 'title');
  return new ApiError(status, code, message ?? `The server answered with status ${status}.`);
}

function textMember(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
