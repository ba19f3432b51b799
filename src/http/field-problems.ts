import type { z } from 'zod';
import { AppError } from '../lib/errors.ts';

/** What is wrong with one field of what somebody sent. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  readonly in: 'path' | 'query' | 'body' | 'arguments';
}

const SHOWN_MAX = 20;
const NAME_CHARS_SHOWN_MAX = 80;

export function problemsOf(issue: z.core.$ZodIssue, place: FieldProblem['in']): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: shorten([...path, key].join('.')),
      message: 'is not known here',
      in: place,
    }));
  }
  return [{ field: shorten(path.join('.')), message: messageOf(issue, place), in: place }];
}

/** What is allowed. Of alternatives all, for "invalid input" alone helps nobody. */
function messageOf(issue: z.core.$ZodIssue, place: FieldProblem['in']): string {
  if (place === 'query' && Array.isArray(issue.input)) return `is given ${issue.input.length} times: give it once`;
  if (issue.code !== 'invalid_union') return issue.message;
  const messages = issue.errors.flat().map(({ message }) => message);
  return messages.length === 0 ? issue.message : [...new Set(messages)].join(', or ');
}

/** `invalid_request` that names all of them at once. */
export function refusalOf(problems: readonly FieldProblem[]): AppError {
  const shown = problems.slice(0, SHOWN_MAX);
  const text = shown.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
  return new AppError('invalid_request', `cannot take the request: ${text}`, { details: { problems: shown } });
}

function shorten(name: string): string {
  return name.length <= NAME_CHARS_SHOWN_MAX ? name : `${name.slice(0, NAME_CHARS_SHOWN_MAX)}…`;
}
