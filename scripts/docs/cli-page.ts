import type { Command, Option } from 'commander';
import type { CliDeps } from '../../src/cli/deps.ts';
import { createProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { code, page, table } from './markdown.ts';

/** Describing the verbs runs none of them. */
async function notHere(): Promise<never> {
  throw new Error('the reference runs no verb');
}

const DEPS: CliDeps = {
  io: { out: () => {}, err: () => {}, color: false },
  clock: systemClock,
  openAdministration: notHere,
  openCosts: notHere,
  migrate: notHere,
  serve: notHere,
  serveDemo: notHere,
  collect: notHere,
  agent: notHere,
  stopWish: notHere,
};

const ENDING = `Every command ends with 0 when it is done, 1 when it could not be, and 2 when its options or the configuration are
wrong. What was asked for goes to the output, everything else to the error output, so that \`KEY=$(kubetally init)\` works.`;

/** docs/reference/cli.md: every command with its options. */
export function cliPage(): string {
  const program = createProgram(DEPS);
  return page('Command line', [program.description(), ENDING, ...leaves(program, []).flatMap(commandParts)]);
}

/** A command that does something by itself. */
interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

function leaves(command: Command, above: readonly string[]): Leaf[] {
  const path = [...above, command.name()];
  const below = command.commands.flatMap((child) => leaves(child, path));
  const runs = below.length === 0 || (above.length > 0 && command.options.length > 0); // a group of verbs has no options
  return runs ? [{ path, command }, ...below] : below;
}

function commandParts({ path, command }: Leaf): string[] {
  const usage = [...path, command.usage()].join(' ');
  const options = command.options.map((option) => [code(option.flags), meaningOf(option), standardOf(option)]);
  const parts = [`## ${path.slice(1).join(' ')}`, command.description(), code(usage)];
  return options.length === 0 ? parts : [...parts, table(['option', 'meaning', 'default'], options)];
}

function meaningOf({ description, argChoices, envVar, mandatory }: Option): string {
  const choices = argChoices ? `: ${argChoices.map(code).join(', ')}` : '';
  const environment = envVar === undefined ? '' : ` (in the environment: ${code(envVar)})`;
  return `${description}${choices}${environment}${mandatory ? ' (required)' : ''}`;
}

function standardOf(option: Option): string {
  const standard: unknown = option.defaultValueDescription ?? option.defaultValue;
  if (typeof standard === 'number') return code(String(standard));
  return typeof standard === 'string' ? code(standard) : '';
}
