import pc from 'picocolors';
import type { CliDeps, Io } from './deps.ts';

/** The process's own streams. A reader that has seen enough (`| head`) is no failure. */
export function terminalIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    color: pc.isColorSupported && process.stdout.isTTY,
  };
}

/** The first SIGTERM or SIGINT is a wish; the second is left to end the process at once, as it would without us. */
export const stopWish: CliDeps['stopWish'] = () =>
  new Promise((resolve) => {
    const heard = (): void => {
      for (const signal of SIGNALS) process.off(signal, heard);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, heard);
  });

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
