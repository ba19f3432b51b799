import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Tethered {
  /** What the program wrote so far, for error messages. */
  output(): string;
  ended(): boolean;
  /** Ends the program and waits until it is gone. */
  end(): Promise<void>;
}

/** Ends with its standard input: kills the program, waits for it, and removes its folder. */
const SUPERVISOR =
  'folder=$1; signal=$2; shift 2; "$@" & child=$!; cat >/dev/null; kill -$signal $child; wait $child; rm -rf "$folder"';

/**
 * Starts a server that cannot outlive us: a small shell holds the other end of a pipe, which the kernel closes even when
 * we are killed with -9.
 */
export function startTethered(
  command: readonly string[],
  options: { folder: string; signal: 'QUIT' | 'TERM'; user?: { uid: number; gid: number } | undefined },
): Tethered {
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'supervisor', options.folder, options.signal, ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.folder,
    ...options.user,
  });
  const text = collect(child);
  const gone = once(child, 'exit');
  return {
    output: text,
    ended: () => child.exitCode !== null,
    async end() {
      child.stdin.end();
      await gone;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000);
    });
  }
  return () => text;
}
