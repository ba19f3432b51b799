import { type Command, Option } from 'commander';
import { z } from 'zod';
import { parseWindow } from '../core/window.ts';
import { AppError } from '../lib/errors.ts';
import { readGroupBy } from '../queries/node-group-by.ts';
import type { CliDeps } from './deps.ts';
import { FORMATS } from './formats/format.ts';
import { configOf, requireTenant, TENANT_STANDARD, using, wholeNumber, withConfig } from './options.ts';
import { type NodeAnswers, nodeAnswersOfQueries, nodeAnswersOfServer } from './report/node-answers.ts';
import { layoutNodes } from './report/node-layout.ts';
import { refuseStrayOptions } from './report/stray-options.ts';
import { clientOf, withServer } from './server-options.ts';

const ROWS_STANDARD = 1_000;
const ROWS_MAX = 100_000;

const Options = z.object({
  window: z.string(),
  groupBy: z.string(),
  step: z.enum(['day', 'window']),
  format: z.string(),
  limit: z.number(),
  tenant: z.string().optional(),
  cluster: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** `report nodes`: what subscriptions are counted by. Asks a server where `--server` names one, else this machine's stores. */
export function addNodeReport(report: Command, deps: CliDeps): void {
  withServer(withConfig(report.command('nodes')))
    .summary('show vCPU-hours and peak vCPUs of nodes')
    .description('Show what subscriptions are counted by: vCPU-hours and peak vCPUs by cluster, node type and label.')
    .option('-w, --window <window>', '7d, 24h, 2w, today, yesterday, or two dates or instants with a comma', '7d')
    .option('-g, --group-by <keys>', 'cluster, node_type, label:<key>, with commas', 'cluster,node_type')
    .addOption(new Option('--step <step>', 'a row is a day, or the window').choices(['day', 'window']).default('day'))
    .addOption(new Option('-f, --format <format>', 'output').choices(Object.keys(FORMATS)).default('table'))
    .addOption(new Option('-n, --limit <rows>', 'most rows').argParser(wholeNumber(1, ROWS_MAX)).default(ROWS_STANDARD))
    .option('--cluster <name>', 'only this cluster')
    .option('-t, --tenant <name>', 'tenant, where this machine is asked; a key has its own')
    .action(async (given: unknown, command: Command) => {
      refuseStrayOptions(report, 'nodes');
      const options = Options.parse(given);
      readGroupBy(options.groupBy); // before anything is opened for it
      const text = await withAnswers(deps, { options, command }, (answers) => render(answers, options, deps));
      deps.io.out(text);
    });
}

async function render(answers: NodeAnswers, options: Options, { clock, io }: CliDeps): Promise<string> {
  const { cluster, groupBy, step, limit } = options;
  const { start, end } = parseWindow(options.window, clock.now());
  const format = FORMATS[options.format];
  if (!format) throw new AppError('invalid_request', 'there is no such format');
  return format(layoutNodes(await answers({ start, end, cluster, groupBy, step }, limit)), { color: io.color });
}

async function withAnswers<T>(
  deps: CliDeps,
  { options, command }: { options: Options; command: Command },
  work: (answers: NodeAnswers) => Promise<T>,
): Promise<T> {
  const client = clientOf(command);
  if (client) return work(nodeAnswersOfServer(client));
  return using(deps.openCosts(configOf(command.opts()).config), async (local) => {
    const tenant = await requireTenant(local, options.tenant ?? TENANT_STANDARD);
    return work(nodeAnswersOfQueries(local.nodes, tenant));
  });
}
