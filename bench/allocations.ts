/**
 * Allocation questions over 90 days of 10,000 and of 100,000 containers, over HTTP: asked by one, and by sixteen at once; against
 * the same sums asked of the engine itself, which is the least that an answer can take. `node bench/run.ts allocations`.
 */
import { join } from 'node:path';
import { createClient } from '../src/client/client.ts';
import { listAllocations } from '../src/contracts/allocations.ts';
import { DAY_MS, dayStart } from '../src/lib/clock.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, quantile, takeTurns, timed } from './support/figure.ts';
import type { BenchLab } from './support/lab.ts';
import { openLargeLedger } from './support/large-ledger.ts';
import { DAYS, type KeptLedger } from './support/ledger.ts';
import { serveOn } from './support/serve.ts';

const TURNS = 15;
const ASKERS = 16;
const QUESTIONS_PER_ASKER = 3;

interface Question {
  readonly query: Readonly<Record<string, string>>;
  /** What the engine must at least group by, and the rows that it must at least read. */
  readonly bare: { readonly by: string; readonly where?: string };
}

const TEAM = { query: 'label[team]:"team-3"', bare: "labels['team'] = 'team-3'" };

const QUESTIONS: Readonly<Record<string, Question>> = {
  namespace: { query: { aggregate: 'namespace' }, bare: { by: 'namespace' } },
  label: { query: { aggregate: 'label:team' }, bare: { by: "labels['team']" } },
  controller_of_team: {
    query: { aggregate: 'controller', filter: TEAM.query },
    bare: { by: 'controller_kind, controller', where: TEAM.bare },
  },
  namespace_daily: { query: { aggregate: 'namespace', step: '1d' }, bare: { by: 'day, namespace' } },
  namespace_idle_shared: { query: { aggregate: 'namespace', idle: 'share' }, bare: { by: 'cluster, namespace' } },
};

export async function* benchAllocations(lab: BenchLab): AsyncGenerator<Figure> {
  yield* figuresOf('10k', await lab.ledger());
  const large = await openLargeLedger();
  try {
    yield* figuresOf('100k', large);
  } finally {
    await large.close();
  }
}

async function* figuresOf(size: string, ledger: KeptLedger): AsyncGenerator<Figure> {
  const engine = await openBenchEngine(join(ledger.dataDir, 'columnar'));
  try {
    await using server = await serveOn(engine, ledger);
    const client = createClient({ url: server.url, key: ledger.key });
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const query = { window: `${DAYS}d`, ...question.query };
      const again = () => client.call(listAllocations, { query });
      // Another amount to be shared is another question, of which no answer is kept, and takes as long.
      let asks = 0;
      const ask = () => client.call(listAllocations, { query: { ...query, shareCost: String((asks += 1)) } });
      const bare = () => engine.send(bareSql(ledger, question.bare));
      yield* asked(`allocations_${size}_${name}`, { ask, again, bare });
    }
  } finally {
    await engine.close();
  }
}

interface Works {
  /** A question that was not asked before, and one that was. */
  readonly ask: () => Promise<unknown>;
  readonly again: () => Promise<unknown>;
  readonly bare: () => Promise<unknown>;
}

async function* asked(name: string, { ask, again, bare }: Works): AsyncGenerator<Figure> {
  const alone = await takeTurns({ ask, again, bare }, TURNS);
  const engine = { name: 'engine_group_by', value: median(alone.bare) };
  yield figure(`${name}_p50`, { value: median(alone.ask), unit: 'ms' }, engine);
  yield figure(`${name}_p95`, { value: quantile(alone.ask, 0.95), unit: 'ms' }, engine);
  yield figure(`${name}_again_p95`, { value: quantile(alone.again, 0.95), unit: 'ms' }, engine);
  const together = await askTogether(ask);
  const bareTogether = { name: 'engine_group_by_16', value: median((await askTogether(bare)).times) };
  yield figure(`${name}_16_p50`, { value: median(together.times), unit: 'ms' }, bareTogether);
  yield figure(`${name}_16_p95`, { value: quantile(together.times, 0.95), unit: 'ms' }, bareTogether);
  const asked = { name: 'questions', value: ASKERS * QUESTIONS_PER_ASKER };
  yield figure(`${name}_16_refused`, { value: together.refused, unit: 'answers' }, asked);
}

/**
 * Milliseconds until each question was answered, or refused because its time was over, while `ASKERS` ask, each again as
 * soon as it is answered.
 */
async function askTogether(ask: () => Promise<unknown>): Promise<{ times: number[]; refused: number }> {
  const times: number[] = [];
  let refused = 0;
  const asker = async () => {
    for (let turn = 0; turn < QUESTIONS_PER_ASKER; turn += 1) {
      times.push(await timed(() => ask().catch(() => void (refused += 1))));
    }
  };
  await Promise.all(Array.from({ length: ASKERS }, asker));
  return { times, refused };
}

/** Days that are over from their sums, today from its hours, as the product reads them. */
function bareSql({ tenant, end }: KeptLedger, { by, where = '1' }: Question['bare']): string {
  const today = dayStart(end) / 1_000;
  const from = (dayStart(end) - (DAYS - 1) * DAY_MS) / 1_000;
  const columns = 'cluster, day, namespace, controller_kind, controller, labels, cpu_cost, ram_cost';
  return `SELECT ${by}, sum(cpu_cost), sum(ram_cost) FROM
    (
      SELECT ${columns} FROM workload_days FINAL
      WHERE tenant = '${tenant}' AND day >= toDate(${from}) AND day < toDate(${today}) AND ${where} AND NOT withdrawn
      UNION ALL
      SELECT ${columns} FROM container_hours FINAL
      WHERE tenant = '${tenant}' AND day >= toDate(${today}) AND ${where} AND NOT withdrawn
    )
    GROUP BY ${by} FORMAT JSON`;
}
