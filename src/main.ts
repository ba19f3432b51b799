#!/usr/bin/env node
import type * as app from './app.ts';
import { runCli } from './cli/program.ts';
import { stopWish, terminalIo } from './cli/terminal.ts';
import type { Config } from './config/schema.ts';
import { systemClock } from './lib/clock.ts';
import { createLogger } from './lib/log.ts';
import type { Surroundings } from './stores.ts';

/** What a verb does not need is not loaded: a node's collector has 80 MB in all, and the server's parts would take twice that. */
type AppModule = typeof app;

const surroundingsOf = (config: Config): Surroundings => ({ clock: systemClock, log: createLogger(config.log) });

const byApp =
  <T>(choose: (app: AppModule) => (config: Config, surroundings: Surroundings) => Promise<T>) =>
  async (config: Config): Promise<T> =>
    choose(await import('./app.ts'))(config, surroundingsOf(config));

process.exitCode = await runCli(process.argv.slice(2), {
  io: terminalIo(),
  clock: systemClock,
  openAdministration: byApp((app) => app.openAdministration),
  openCosts: byApp((app) => app.openCosts),
  migrate: byApp((app) => app.migrateStores),
  serve: byApp((app) => app.openApp),
  serveDemo: byApp((app) => app.openApp),
  async collect(config) {
    const { becomeCollector } = await import('./collector/become-collector.ts');
    return await becomeCollector(config, surroundingsOf(config));
  },
  async agent(config) {
    const { startAgent } = await import('./collector/agent.ts');
    const { agent: settings, dataDir, debugKubernetesApi } = config;
    return await startAgent({ settings, dataDir, debugKubernetesApi }, surroundingsOf(config));
  },
  stopWish,
});
