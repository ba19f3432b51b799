/** The program that `kubetally collect` turns into; it takes no options of its own. */
import { takeHandover } from '../config/handover.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import type { CollectorHandover } from './become-collector.ts';
import { startCollect } from './collect.ts';

const handover = takeHandover();
if (isHandover(handover)) process.exitCode = await run(handover);
else {
  process.stderr.write('kubetally: this is started by "kubetally collect"\n');
  process.exitCode = 2;
}

/** It is of our own making, a moment ago. */
function isHandover(value: unknown): value is CollectorHandover {
  return typeof value === 'object' && value !== null && 'options' in value && 'log' in value;
}

async function run({ options, log }: CollectorHandover): Promise<number> {
  const stop = stopWish();
  try {
    const service = await startCollect(options, { clock: systemClock, log: createLogger(log) });
    process.stderr.write(`Kubetally collects; its health is at ${service.url}/healthz\n`);
    try {
      await Promise.race([stop, service.failed]);
    } finally {
      await service.close();
    }
    return 0;
  } catch (error) {
    process.stderr.write(`kubetally: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** The first signal is a wish; the second ends the process at once. */
function stopWish(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
