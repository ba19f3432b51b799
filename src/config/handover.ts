import type { Environment } from './environment.ts';

/** Not a setting: how one of our programs passes what it has checked to the one that takes its place. */
const NAME = 'KUBETALLY_HANDOVER';

/** This process's environment with `value` in it, for the program that takes its place. Who can read the one can read the other. */
export function environmentWith(value: object, more: Environment = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...more, [NAME]: JSON.stringify(value) };
}

/** What was handed over; undefined where nothing was. Programs that this one starts do not see it. */
export function takeHandover(): unknown {
  const text = process.env[NAME];
  delete process.env[NAME];
  return text === undefined ? undefined : JSON.parse(text);
}
