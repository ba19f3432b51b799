/**
 * `kubetally collect` in as little memory as Node allows. Reading the command line and the configuration takes libraries
 * that collecting does not, and V8's own appetite can only be curbed when it starts. So the process checks its
 * configuration and then replaces itself, under the same process id, by a program that loads nothing but the collector.
 */
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../config/handover.ts';
import type { Config } from '../config/schema.ts';
import { startCollect } from './collect.ts';
import type { CollectOptions } from './collector.ts';
import type { RunningService, Surroundings } from './service.ts';

/** What `main.ts` of this folder is handed. */
export interface CollectorHandover {
  readonly options: CollectOptions;
  readonly log: Config['log'];
}

/** A small young generation, no helper threads, no optimising compiler: a collector computes for milliseconds a minute. */
const V8_FLAGS = ['--max-semi-space-size=1', '--optimize-for-size', '--v8-pool-size=0', '--no-opt'];
/** Each thread of the pool and each arena of the allocator holds on to memory that it used once. */
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '2', MALLOC_ARENA_MAX: '2' };

/** Does not return where the system can replace a process; elsewhere the collector runs in this one. */
export async function becomeCollector(config: Config, surroundings: Surroundings): Promise<RunningService> {
  const { apiKey, ...settings } = config.collect;
  const options = { settings: { ...settings, apiKey: apiKey?.reveal() }, dataDir: config.dataDir };
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    const handover: CollectorHandover = { options, log: config.log };
    const flags = [...new Set([...process.execArgv, ...V8_FLAGS])];
    process.execve(process.execPath, [process.execPath, ...flags, program()], environmentWith(handover, ENVIRONMENT));
  }
  return await startCollect(options, surroundings);
}

/** The sources run unbuilt, and built as well. */
function program(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
}
