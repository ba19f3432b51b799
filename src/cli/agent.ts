import type { Command } from 'commander';
import type { CliDeps } from './deps.ts';
import { configOf, using, withConfig } from './options.ts';

/** `agent`: takes the posts of a cluster's collectors and forwards them, until it is asked to stop. */
export function addAgent(program: Command, deps: CliDeps): void {
  withConfig(program.command('agent'))
    .summary('report what a cluster knows')
    .description(
      'Take the posts of a cluster’s collectors, watch its Kubernetes API, and forward both to a server, until SIGTERM or ' +
        'SIGINT. What is not delivered stays on disk in the data folder, and is sent by the next start.',
    )
    .action(async (options: unknown) => {
      const stop = deps.stopWish();
      await using(deps.agent(configOf(options).config), async ({ url, failed }) => {
        deps.io.err(`Kubetally takes posts of collectors on ${url}\n`);
        await Promise.race([stop, failed]);
      });
    });
}
