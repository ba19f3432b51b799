import { AppError } from '../../lib/errors.ts';

/** The longest name Kubernetes itself allows anything to have. In UTF-16 units, never fewer than PostgreSQL counts. */
export const NAME_LENGTH_MAX = 253;

/** A name a person gave, trimmed; throws `invalid_request` when it is empty, too long, or has control characters. */
export function checkedName(what: string, name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0) throw new AppError('invalid_request', `a ${what} needs a name`);
  if (trimmed.length > NAME_LENGTH_MAX) {
    throw new AppError(
      'invalid_request',
      `the ${what}'s name has ${trimmed.length} characters; at most ${NAME_LENGTH_MAX}`,
    );
  }
  if (/\p{Cc}|\p{Cs}/u.test(trimmed)) {
    throw new AppError('invalid_request', `the ${what}'s name has control characters`);
  }
  return trimmed;
}
