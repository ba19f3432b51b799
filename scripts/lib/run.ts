import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface RunOptions {
  /** Keeps the output to itself and hands it over, instead of showing it. */
  readonly quiet?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program in the repository's root; its exit code, and its output where `quiet`. Throws when it cannot start. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', fail);
    child.on('close', (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

/** A tool of node_modules, with the Node that runs this script. */
export function runTool(
  name: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; output: string }> {
  return run(process.execPath, [resolve(ROOT, 'node_modules/.bin', name), ...args], options);
}

/** As `runTool`, quietly; shows the output and ends the script when it fails. */
export async function mustRunTool(name: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runTool(name, args, { quiet: true });
  if (code === 0) return;
  process.stderr.write(output);
  throw new Error(`${name} ${args.join(' ')} ended with ${code}`);
}
