import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../lib/errors.ts';

/** The server's own part of every hash: with the database alone nobody can test a guess. */
export type Pepper = string;

export const PEPPER_LENGTH_MIN = 16;
const SALT_BYTES = 16;
const SECRET_BYTES = 32;

export interface SecretHash {
  readonly salt: Uint8Array;
  readonly secretHash: Uint8Array;
}

/** A new secret, in base64url, and what to store of it. */
export function createSecret(pepper: Pepper): SecretHash & { secret: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const salt = randomBytes(SALT_BYTES);
  return { secret, salt, secretHash: hash(pepper, salt, secret) };
}

/** Whether `secret` is the one that was hashed. Takes the same time whatever the secret, and wherever it differs. */
export function matchesSecret(pepper: Pepper, stored: SecretHash, secret: string): boolean {
  return timingSafeEqual(hash(pepper, stored.salt, secret), stored.secretHash);
}

/** Throws `invalid_config`. */
export function checkedPepper(pepper: Pepper): Pepper {
  if (pepper.length >= PEPPER_LENGTH_MIN) return pepper;
  throw new AppError('invalid_config', `the pepper has ${pepper.length} characters; at least ${PEPPER_LENGTH_MIN}`);
}

/** HMAC-SHA256(key = pepper, message = salt || secret). */
function hash(pepper: Pepper, salt: Uint8Array, secret: string): Buffer {
  return createHmac('sha256', pepper).update(salt).update(secret).digest();
}
