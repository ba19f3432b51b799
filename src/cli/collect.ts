import type { Command } from 'commander';
import type { CliDeps } from './deps.ts';
import { configOf, using, withConfig } from './options.ts';

/** `collect`: the collector of one node, until it is asked to stop or can go on no longer. */
export function addCollect(program: Command, deps: CliDeps): void {
  withConfig(program.command('collect'))
    .summary('report what runs on this node')
    .description(
      'Read the kubelet of this node and post what it says, until SIGTERM or SIGINT. What is not delivered stays on disk ' +
        'in the data folder, and is sent by the next start.',
    )
    .action(async (options: unknown) => {
      const stop = deps.stopWish();
      await using(deps.collect(configOf(options).config), async ({ url, failed }) => {
        deps.io.err(`Kubetally collects; its health is at ${url}/healthz\n`);
        await Promise.race([stop, failed]);
      });
    });
}
