import { z } from 'zod';
import { Problem } from '../contracts/problem.ts';
import { AppError, type ErrorCode } from '../lib/errors.ts';

/** The words of the K8s cost API for what has another code here. */
const LEGACY_WORDS: Partial<Record<ErrorCode, string>> = {
  invalid_payload: 'invalid payload',
  rate_limited: 'rate limit exceeded',
};

/** What Fastify and Node say of a request they could not take, as our own codes. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_payload',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_payload',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_payload',
  FST_ERR_NOT_FOUND: 'not_found',
};

const FieldProblems = z.array(Problem.shape.errors.unwrap().element.strict());

/**
 * One failed request as problem JSON. `details.problems` of the error become `errors`; its other details are members.
 * `details.error` are the words of a compatible surface, which its clients read in that member.
 */
export function problemOf(error: AppError, requestId: string): Problem {
  const { problems, ...facts } = error.details ?? {};
  const errors = fieldProblems(error, problems);
  return {
    ...(error.code === 'invalid_payload' ? { details: error.message } : {}),
    ...facts,
    type: `urn:kubetally:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    instance: `urn:uuid:${requestId}`,
    error: typeof facts['error'] === 'string' ? facts['error'] : (LEGACY_WORDS[error.code] ?? error.code),
    message: error.message,
    ...(errors ? { errors } : {}),
  };
}

function fieldProblems(error: AppError, problems: unknown): Problem['errors'] {
  const field = error.details?.field;
  if (typeof field === 'string' && problems === undefined) return [{ field, message: error.message }];
  return FieldProblems.safeParse(problems).data;
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ').replace('api key', 'API key');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface RequestLimits {
  /** Of the body as it comes over the wire. */
  readonly bodyBytesMax: number;
}

/**
 * Whatever was thrown, as something to tell the caller. What is not an `AppError`, nor the framework's word for a bad
 * request, is a defect: `internal`, with the original as its cause and nothing of it in the message.
 */
export function toAppError(error: unknown, limits: RequestLimits): AppError {
  if (error instanceof AppError) return error;
  const { code, statusCode } = frameworkFacts(error);
  const known = code === undefined ? undefined : FRAMEWORK_CODES[code];
  if (known === 'body_too_large') return bodyTooLarge(limits.bodyBytesMax, error);
  if (known) return new AppError(known, frameworkMessage(known, error), { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError('invalid_request', `cannot read the request: ${messageOf(error)}`, { cause: error });
  }
  return new AppError('internal', 'the server could not answer; it has noted why', { cause: error });
}

function bodyTooLarge(bytesMax: number, cause: unknown): AppError {
  const message = `cannot accept the body: it has more than ${bytesMax} bytes`;
  return new AppError('body_too_large', message, { details: { limit_bytes: bytesMax }, cause });
}

function frameworkFacts(error: unknown): { code?: string; statusCode?: number } {
  if (!(error instanceof Error)) return {};
  return {
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...('statusCode' in error && typeof error.statusCode === 'number' ? { statusCode: error.statusCode } : {}),
  };
}

function frameworkMessage(code: ErrorCode, error: unknown): string {
  if (code === 'unsupported_media_type') return 'cannot read this body; send "Content-Type: application/json"';
  if (code === 'query_timeout') return 'cannot answer in time; ask for less, or again later';
  return `cannot read the body: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
