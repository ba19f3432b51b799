/**
 * Every error a caller may need to tell apart: its stable code, the HTTP status it becomes, and whether the same call
 * may succeed later. Add a row here; never invent a code at a call site.
 */
const CODES = {
  invalid_request: { status: 400, retry: false },
  invalid_payload: { status: 400, retry: false },
  invalid_config: { status: 500, retry: false },
  window_too_large: { status: 400, retry: false },
  timestamp_out_of_range: { status: 400, retry: false },
  api_key_missing: { status: 401, retry: false },
  api_key_bad_format: { status: 401, retry: false },
  api_key_invalid: { status: 401, retry: false },
  api_key_expired: { status: 401, retry: false },
  api_key_revoked: { status: 401, retry: false },
  scope_missing: { status: 403, retry: false },
  cluster_mismatch: { status: 403, retry: false },
  origin_refused: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  method_not_allowed: { status: 405, retry: false },
  request_timeout: { status: 408, retry: true },
  conflict: { status: 409, retry: false },
  body_too_large: { status: 413, retry: false },
  unsupported_media_type: { status: 415, retry: false },
  limit_exceeded: { status: 422, retry: false },
  headers_too_large: { status: 431, retry: false },
  rate_limited: { status: 429, retry: true },
  intake_full: { status: 503, retry: true },
  store_unavailable: { status: 503, retry: true },
  store_full: { status: 503, retry: true },
  query_timeout: { status: 504, retry: true },
  query_too_large: { status: 422, retry: false },
  upstream_unavailable: { status: 502, retry: true },
  upstream_refused: { status: 502, retry: false },
  internal: { status: 500, retry: false },
} as const satisfies Record<string, { status: number; retry: boolean }>;

export type ErrorCode = keyof typeof CODES;

interface AppErrorOptions {
  /** Machine-readable facts about the failure, safe to show to the caller. */
  details?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** A failure the caller is told about. Anything else that is thrown is a defect of ours and becomes `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds ?? (CODES[code].retry ? 1 : undefined);
  }

  get status(): number {
    return CODES[this.code].status;
  }

  get retry(): boolean {
    return CODES[this.code].retry;
  }
}
