import { type Command, Option } from 'commander';
import { z } from 'zod';
import { parseWindow } from '../core/window.ts';
import { AppError } from '../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { FORMATS } from './formats/format.ts';
import { configOf, requireTenant, TENANT_STANDARD, using, wholeNumber, withConfig } from './options.ts';
import { AGGREGATES } from './report/aggregates.ts';
import { answersOfQueries, answersOfServer, type CostAnswers } from './report/cost-answers.ts';
import { addAllocationReport } from './report-allocations.ts';
import { addNodeReport } from './report-nodes.ts';
import { clientOf, withServer } from './server-options.ts';

const ROWS_STANDARD = 100;
const ROWS_MAX = 100_000;

const Options = z.object({
  window: z.string(),
  aggregate: z.string(),
  format: z.string(),
  limit: z.number(),
  tenant: z.string().optional(),
  cluster: z.string().optional(),
  namespace: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** `report`: what was spent in a window. Asks a server where `--server` names one, else the stores of this machine. */
export function addReport(program: Command, deps: CliDeps): void {
  // What stands after `nodes` is of that report: commander asks for this on every command above it.
  const report = withServer(withConfig(program.enablePositionalOptions().command('report')))
    .enablePositionalOptions()
    .summary('show what was spent')
    .description(
      'Show what was spent in a window: asked of a server (--server), or of the data on this machine, as always with --data or --config.',
    )
    .option('-w, --window <window>', '7d, 24h, 2w, today, yesterday, or two dates or instants with a comma', '7d')
    .addOption(
      new Option('-a, --aggregate <key>', 'what a row is').choices(Object.keys(AGGREGATES)).default('namespace'),
    )
    .addOption(new Option('-f, --format <format>', 'output').choices(Object.keys(FORMATS)).default('table'))
    .addOption(new Option('-n, --limit <rows>', 'most rows').argParser(wholeNumber(1, ROWS_MAX)).default(ROWS_STANDARD))
    .option('--cluster <name>', 'only this cluster')
    .option('--namespace <name>', 'only this namespace')
    .option('-t, --tenant <name>', 'tenant, where this machine is asked; a key has its own')
    .action(async (given: unknown, command: Command) => {
      const options = Options.parse(given);
      const text = await withAnswers({ deps, options, command }, (answers) => render(answers, options, deps));
      deps.io.out(text);
    });
  addNodeReport(report, deps);
  addAllocationReport(report, deps);
}

async function render(answers: CostAnswers, options: Options, { clock, io }: CliDeps): Promise<string> {
  const { start, end } = parseWindow(options.window, clock.now());
  const { cluster, namespace, limit } = options;
  const aggregate = AGGREGATES[options.aggregate];
  const format = FORMATS[options.format];
  if (!aggregate || !format) throw new AppError('invalid_request', 'there is no such aggregate or format');
  return format(await aggregate(answers, { start, end, cluster, namespace, limit }), { color: io.color });
}

interface Asked {
  readonly deps: CliDeps;
  readonly options: Options;
  /** As it was given, for the server or the configuration. */
  readonly command: Command;
}

async function withAnswers<T>(
  { deps, options, command }: Asked,
  work: (answers: CostAnswers) => Promise<T>,
): Promise<T> {
  const client = clientOf(command);
  if (client) return work(answersOfServer(client));
  return using(deps.openCosts(configOf(command.opts()).config), async (local) => {
    return work(answersOfQueries(local.costs, await requireTenant(local, options.tenant ?? TENANT_STANDARD)));
  });
}
