import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { createClient } from '../client/client.ts';
import {
  type DemoResult,
  type DemoServer,
  type DemoStage,
  freePort,
  runDemo,
  setDemoStage,
  temporaryFolder,
} from '../demo/demo.ts';
import { DEMO_SOURCES } from '../demo/demo-posts.ts';
import type { CliDeps, Io } from './deps.ts';
import { FORMATS } from './formats/format.ts';
import { configOf, using, wholeNumber } from './options.ts';
import { AGGREGATES } from './report/aggregates.ts';
import { answersOfServer } from './report/cost-answers.ts';

const HOST = '127.0.0.1';
const BAR_WIDTH = 32;
const ROWS = 30;

const Options = z.object({
  port: z.number(),
  exit: z.boolean().default(false),
  days: z.number(),
  seed: z.number(),
  source: z.enum(DEMO_SOURCES).optional(),
});
type Options = z.infer<typeof Options>;

/** `demo`: a week of a simulated fleet through the real product, its costs as a table, and the page to look around in. */
export function addDemo(program: Command, deps: CliDeps): void {
  program
    .command('demo')
    .summary('show a simulated fleet, its costs, and the page')
    .description(
      'Start a server on a folder of its own, feed it the last days of a simulated fleet over HTTP, show what it cost, and stay, with the fleet live, until SIGINT.',
    )
    .addOption(
      new Option('-p, --port <port>', 'port, or the next free one').argParser(wholeNumber(0, 65_535)).default(8080),
    )
    .addOption(new Option('--days <days>', 'how much of the past').argParser(wholeNumber(1, 12)).default(7))
    .addOption(new Option('--seed <number>', 'which fleet').argParser(wholeNumber(0, 2 ** 31)).default(1))
    .addOption(new Option('--source <source>', 'the one way in for all clusters').choices(DEMO_SOURCES))
    .option('--exit', 'end after the table')
    .action(async (given: unknown) => {
      const options = Options.parse(given);
      await using(temporaryFolder(), (folder) =>
        using(setDemoStage(options, deps.clock), (stage) => inFolder(folder.path, { options, stage }, deps)),
      );
    });
}

async function inFolder(
  dataDir: string,
  { options, stage }: { options: Options; stage: DemoStage },
  deps: CliDeps,
): Promise<void> {
  const stop = new AbortController();
  const wish = deps.stopWish().then(() => stop.abort());
  const port = await freePort(HOST, options.port);
  const { config } = configOf(
    {},
    {
      dataDir,
      http: { host: HOST, port, rateLimit: { perKeyPerMinute: 10_000_000, burst: 1_000_000 } },
      intake: { groupDelayMs: 50 },
      pulls: [...stage.pulls],
      log: { level: 'warn' },
    },
  );
  deps.io.err('Starting the engines…\n');
  await using(deps.serveDemo(config), async (server) => {
    try {
      await show(server, { options, stage, deps, signal: stop.signal, wish });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  });
}

interface Showing {
  readonly options: Options;
  readonly stage: DemoStage;
  readonly deps: CliDeps;
  readonly signal: AbortSignal;
  /** Resolves when the person at the keyboard has seen enough. */
  readonly wish: Promise<void>;
}

async function show(server: DemoServer, { options, stage, deps, signal, wish }: Showing): Promise<void> {
  const { io, clock } = deps;
  const verb = stage.pulls.length > 0 ? 'Pulling' : 'Feeding';
  const bar = progressBar(io, `${verb} ${options.days} days of two clusters over HTTP`);
  const demo = await runDemo(server, stage, { clock, signal, onProgress: bar });
  io.err('\n');
  io.out(await table(server, demo, io));
  if (options.exit) return;
  io.err(
    `\nThe page:  ${pc.bold(`${server.url}/#key=${demo.readKey}`)}\n` +
      `The API:   curl -H 'Authorization: ApiKey ${demo.readKey}' '${server.url}/v1/costs/namespaces'\n` +
      'The fleet is live. Ctrl-C ends the demo and removes its data.\n',
  );
  await Promise.race([demo.stayLive(), wish]);
}

async function table(server: DemoServer, demo: DemoResult, { color }: Io): Promise<string> {
  const answers = answersOfServer(createClient({ url: server.url, key: demo.readKey }));
  const [aggregate, format] = [AGGREGATES['namespace'], FORMATS['table']];
  if (!aggregate || !format) throw new Error('the table of namespaces is missing');
  return format(await aggregate(answers, { start: demo.start, end: demo.end, limit: ROWS }), { color });
}

/** Redraws one line; without a terminal, one line in all. */
function progressBar(io: Io, title: string): (progress: { done: number; total: number }) => void {
  let shown = -1;
  if (!io.color) io.err(`${title}…\n`);
  return ({ done, total }) => {
    const percent = Math.floor((100 * done) / Math.max(1, total));
    if (!io.color || percent === shown) return;
    shown = percent;
    const filled = Math.round((BAR_WIDTH * percent) / 100);
    io.err(`\r${title} ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${String(percent).padStart(3)} %`);
  };
}
