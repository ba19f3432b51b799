import { AppError } from '../lib/errors.ts';

/** What a caller claims: not checked yet. */
export interface Credentials {
  readonly keyId: string;
  readonly secret: string;
}

/** As Node gives them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const KEY_ID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
/** 32 bytes in base64url without padding. */
const SECRET = '[A-Za-z0-9_-]{43}';
const CREDENTIALS = new RegExp(`^(${KEY_ID}):(${SECRET})$`, 'i');
const AUTHORIZATION = /^(ApiKey|Bearer|Basic) +(\S+)$/i;
/** Longer than any right one: nothing beyond this is even looked at. */
const HEADER_LENGTH_MAX = 256;

const EXPECTED =
  'expected "X-Api-Key: <key_id>:<secret>", "Authorization: ApiKey <key_id>:<secret>" or Bearer with the same, or Basic with the key_id as user and the secret as password';

/**
 * Reads `X-Api-Key: id:secret`, `Authorization: ApiKey id:secret`, `Bearer id:secret` or `Basic` with the key's id as user and
 * its secret as password, which is all that many senders can say. `X-Api-Key` goes first, because proxies put an
 * `Authorization` of their own. Throws `api_key_missing` or `api_key_bad_format`.
 */
export function readCredentials(headers: RequestHeaders): Credentials {
  const ownHeader = headers['x-api-key'];
  const header = ownHeader ?? headers.authorization;
  if (header === undefined || header === '') throw new AppError('api_key_missing', `no API key: ${EXPECTED}`);
  if (typeof header !== 'string' || header.length > HEADER_LENGTH_MAX) throw badFormat();
  const text = ownHeader === undefined ? fromAuthorization(header) : header.trim();
  const [, keyId, secret] = CREDENTIALS.exec(text ?? '') ?? [];
  if (keyId === undefined || secret === undefined) throw badFormat();
  return { keyId: keyId.toLowerCase(), secret };
}

function fromAuthorization(header: string): string | undefined {
  const [, scheme = '', text] = AUTHORIZATION.exec(header) ?? [];
  if (text === undefined || scheme.toLowerCase() !== 'basic') return text;
  return Buffer.from(text, 'base64').toString('utf8');
}

function badFormat(): AppError {
  return new AppError('api_key_bad_format', `cannot read the API key: ${EXPECTED}`);
}
