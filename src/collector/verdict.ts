import { retryAfterMs } from './backoff.ts';
import type { HttpAnswer } from './http-client.ts';

/** What a server's answer means for what was sent. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly rejectedRows: number; readonly firstRejection: string }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'again'; readonly afterMs: number | null; readonly message: string };

const MESSAGE_CHARS_MAX = 300;
/** Not ready for it; or it speaks of the sender's key and address, and not of what was sent. */
const AGAIN_STATUSES = new Set([401, 404, 405, 407, 408, 425, 429]);
const SENDER_CODES = new Set(['scope_missing']);

/**
 * A refusal of the body (most 4xx) is final; all else is tried again. A wrong key or address costs nothing but time: that
 * what was kept is then refused for good would be a loss that a correction could not undo.
 */
export function verdictOf(answer: HttpAnswer, now: number): Verdict {
  const { status } = answer;
  const reply = jsonOf(answer.body);
  if (status >= 200 && status < 300) {
    const [first] = Array.isArray(reply.rejected) ? reply.rejected : [];
    return { kind: 'delivered', rejectedRows: Number(reply.rejected_count ?? 0) || 0, firstRejection: shown(first) };
  }
  const message = `${status}: ${messageOf(reply)}`;
  const isFinal =
    status >= 400 &&
    status < 500 &&
    !AGAIN_STATUSES.has(status) &&
    !SENDER_CODES.has(String(reply.code ?? reply.error));
  if (isFinal) return { kind: 'refused', status, message };
  return { kind: 'again', afterMs: retryAfterMs(answer.headers['retry-after'], now), message };
}

interface Reply {
  readonly code?: unknown;
  readonly error?: unknown;
  readonly detail?: unknown;
  readonly message?: unknown;
  readonly rejected?: unknown;
  readonly rejected_count?: unknown;
}

function jsonOf(body: Buffer): Reply {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function messageOf({ detail, message, error }: Reply): string {
  const said = [detail, message, error].find((text) => typeof text === 'string' && text !== '');
  return typeof said === 'string' ? said.slice(0, MESSAGE_CHARS_MAX) : 'without saying why';
}

function shown(rejection: unknown): string {
  return rejection === undefined ? '' : JSON.stringify(rejection).slice(0, MESSAGE_CHARS_MAX);
}
