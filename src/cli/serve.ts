import type { Command } from 'commander';
import type { CliDeps } from './deps.ts';
import { configOf, using, withConfig } from './options.ts';

/** `serve`: the server, until it is asked to stop. */
export function addServe(program: Command, deps: CliDeps): void {
  withConfig(program.command('serve'))
    .summary('run the server')
    .description(
      'Run the server until SIGTERM or SIGINT; what was accepted is written first. A second signal ends it at once.',
    )
    .action(async (options: unknown) => {
      const stop = deps.stopWish();
      await using(deps.serve(configOf(options).config), async ({ url }) => {
        deps.io.err(`Kubetally answers on ${url}\n`);
        await stop;
      });
    });
}
