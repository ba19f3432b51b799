import type { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { nearestWord } from '../lib/nearest-word.ts';
import { SETTINGS, settingOfKey } from './settings.ts';

/** One thing that is wrong with a configuration. `key` is empty where the problem is with a whole file or a name. */
export interface Problem {
  readonly key: string;
  readonly message: string;
  /** Where it was written; undefined where it should have been and was not. */
  readonly origin: string | undefined;
}

/** All problems in one error, a line each, so that a configuration is put right in one go. Never holds a value. */
export function configError(problems: readonly Problem[]): AppError {
  const lines = problems.map(problemLine);
  const title = `cannot use this configuration: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return new AppError('invalid_config', [title, ...lines.map((line) => `  ${line}`)].join('\n'), {
    details: { problems },
  });
}

function problemLine({ key, message, origin }: Problem): string {
  const place = origin ?? unwritten(key);
  return key === '' ? `${message} (${place})` : `${key}: ${message} (${place})`;
}

function unwritten(key: string): string {
  const setting = settingOfKey(key);
  if (setting === undefined) return 'not set';
  return `${setting.standard === undefined ? 'not set' : 'its default'}; in the environment: ${setting.environmentName}`;
}

/** What the schema found, in our words and with the place of each. */
export function problemsOf(error: z.ZodError, origins: ReadonlyMap<string, string>): Problem[] {
  return error.issues.flatMap((issue) => {
    const key = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return [{ key, message: messageOf(issue), origin: originOf(key, origins) }];
    return issue.keys.map((name) => {
      const full = key === '' ? name : `${key}.${name}`;
      return { key: full, message: unknownKey(full), origin: originOf(full, origins) };
    });
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    return `expected one of ${issue.options.filter((option) => option !== undefined).join(', ')}`;
  }
  return issue.message.replace(/^(Invalid (input|option)|Too (small|big)): /, '');
}

function unknownKey(key: string): string {
  const setting = settingOfKey(key);
  if (setting) return `only with engine ${setting.engines.join(' or ')}`;
  const near = nearestWord(key, KNOWN_KEYS);
  return near === undefined ? 'no setting has this key' : `no setting has this key; did you mean ${near}?`;
}

/** The value's own place; else that of something inside it (a section's first key); else that of what holds it (a list). */
function originOf(key: string, origins: ReadonlyMap<string, string>): string | undefined {
  const own = origins.get(key);
  if (own !== undefined) return own;
  for (const [known, origin] of origins) if (known.startsWith(`${key}.`) || key.startsWith(`${known}.`)) return origin;
  return undefined;
}

/** Every setting and every section. */
const KNOWN_KEYS: ReadonlySet<string> = new Set(
  SETTINGS.flatMap(({ key }) => key.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'))),
);
