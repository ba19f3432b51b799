import type { Command } from 'commander';
import { describeConfig } from '../config/describe.ts';
import { configJsonSchema } from '../config/settings.ts';
import type { CliDeps } from './deps.ts';
import { configOf, withConfig } from './options.ts';

/** `config check|print|schema`: what the configuration is, and whether it is good. */
export function addConfig(program: Command, deps: CliDeps): void {
  const config = program
    .command('config')
    .summary('check and show the configuration')
    .description('Check and show the configuration.');
  withConfig(config.command('check'))
    .description('Check the configuration; tell every problem with its place.')
    .action((options: unknown) => {
      configOf(options);
      deps.io.out('the configuration is good\n');
    });
  withConfig(config.command('print'))
    .description('Print the whole configuration as YAML, each value with its place. Secrets are not shown.')
    .action((options: unknown) => deps.io.out(describeConfig(configOf(options))));
  config
    .command('schema')
    .description('Print the JSON Schema of a configuration file, for editors.')
    .action(() => deps.io.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
}
