#!/usr/bin/env node
import { migrateStores, openAdministration, openApp, openCosts } from './app.ts';
import { runCli } from './cli/program.ts';
import { stopWish, terminalIo } from './cli/terminal.ts';
import type { Config } from './config/schema.ts';
import { systemClock } from './lib/clock.ts';
import { createLogger } from './lib/log.ts';
import type { Surroundings } from './stores.ts';

const withSurroundings =
  <T>(open: (config: Config, surroundings: Surroundings) => Promise<T>) =>
  (config: Config): Promise<T> =>
    open(config, { clock: systemClock, log: createLogger(config.log) });

process.exitCode = await runCli(process.argv.slice(2), {
  io: terminalIo(),
  clock: systemClock,
  openAdministration: withSurroundings(openAdministration),
  openCosts: withSurroundings(openCosts),
  migrate: withSurroundings(migrateStores),
  serve: withSurroundings(openApp),
  serveDemo: withSurroundings(openApp),
  stopWish,
});
