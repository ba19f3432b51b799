import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEngine } from '../../src/engine/engine.ts';
import { createLogger } from '../../src/lib/log.ts';

export interface SharedEngine {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    engine: SharedEngine;
  }
}

/** One engine for the whole run; every test file has databases of its own on it. It ends with this process, however that ends. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-engine-'));
  const engine = await startEngine({ dataDir, log: createLogger({ level: 'error' }) });
  project.provide('engine', { url: engine.url, user: engine.user, password: engine.password });
  return async () => {
    await engine.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}
