import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { ConfigInput } from '../config/schema.ts';
import { AppError } from '../lib/errors.ts';
import type { TenantFinder } from './deps.ts';

/** Options that several verbs share. */

export const TENANT_STANDARD = 'default';

const ConfigOptions = z.object({ config: z.string().optional(), data: z.string().optional() });

/** Adds `--config` and `--data`; read them with `configOf`. */
export function withConfig(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (YAML)')
    .option('-d, --data <folder>', 'data folder of the embedded engines');
}

/** Throws `invalid_config`. */
export function configOf(options: unknown, overrides: ConfigInput = {}): LoadedConfig {
  const { config: file, data } = ConfigOptions.parse(options);
  return loadConfig({ file, overrides: { ...overrides, ...(data === undefined ? {} : { dataDir: data }) } });
}

/** Throws `not_found`. */
export async function requireTenant(finder: TenantFinder, name: string): Promise<string> {
  const tenant = await finder.findTenant(name);
  if (tenant) return tenant.id;
  throw new AppError('not_found', `there is no tenant "${name}"; "kubetally init" makes the first one`);
}

/** A parser of whole numbers between two limits, for `Option.argParser`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Runs `work` with what `open` gives, and closes it whatever happens. */
export async function using<T extends { close(): Promise<void> }, R>(
  open: Promise<T>,
  work: (opened: T) => Promise<R>,
): Promise<R> {
  const opened = await open;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}
