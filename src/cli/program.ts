import { Command, CommanderError } from 'commander';
import { ClientError } from '../client/client.ts';
import { AppError } from '../lib/errors.ts';
import { addAgent } from './agent.ts';
import { addCollect } from './collect.ts';
import { addConfig } from './config.ts';
import { addDemo } from './demo.ts';
import type { CliDeps } from './deps.ts';
import { addInit } from './init.ts';
import { addKeys } from './keys.ts';
import { addMigrate } from './migrate.ts';
import { addPrices } from './prices.ts';
import { addReport } from './report.ts';
import { addServe } from './serve.ts';
import { addVersion } from './version.ts';

/** Each adds one verb; the order is that of the help. */
const VERBS = [
  addDemo,
  addServe,
  addCollect,
  addAgent,
  addInit,
  addReport,
  addKeys,
  addPrices,
  addMigrate,
  addConfig,
  addVersion,
];

/** What the process ends with. `usage`: the options, the window or the configuration are wrong. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

export function createProgram(deps: CliDeps): Command {
  const program = new Command('kubetally')
    .description('What your Kubernetes clusters cost, hour by hour.')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', '\nExit codes: 0 done, 1 could not be done, 2 wrong options or configuration.');
  // Verbs take these on when they are made, so they come first.
  program.exitOverride();
  program.configureOutput({ writeOut: (text) => deps.io.out(text), writeErr: (text) => deps.io.err(text) });
  for (const add of VERBS) add(program, deps);
  return program;
}

/** Runs one command line (without the program's name) and tells how to end. Never throws. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  try {
    await createProgram(deps).parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has said why
    deps.io.err(`kubetally: ${explanation(error)}\n`);
    return isUsage(error) ? EXIT.usage : EXIT.failure;
  }
}

function isUsage(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'invalid_config' || error.code === 'invalid_request');
}

/** What the machine refuses (a port in use, a folder that cannot be made) is no defect of ours. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** One line for what a caller is told; for a defect of ours, where it happened. */
function explanation(error: unknown): string {
  const isHeldOpen = error instanceof AppError && error.details?.['pid'] !== undefined; // by a server, most likely
  if (isHeldOpen) return `${error.message}; --server asks it instead`;
  if (error instanceof AppError || error instanceof ClientError) return error.message;
  if (isSystemError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
