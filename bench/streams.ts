/**
 * Answers of 50,000 rows, over HTTP: until the first byte is there and until the last is, against what the whole
 * answer takes to find at once, without HTTP. `node bench/run.ts streams`.
 */
import { join } from 'node:path';
import { AllocationQuery } from '../src/contracts/allocations.ts';
import { questionOf } from '../src/http/allocations/read-query.ts';
import { DAY_MS, dayStart, systemClock } from '../src/lib/clock.ts';
import { createAllocationQueries } from '../src/queries/ledger-allocation-queries.ts';
import { openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, takeTurns } from './support/figure.ts';
import type { BenchLab } from './support/lab.ts';
import type { BenchLedger } from './support/ledger.ts';
import { serveOn } from './support/serve.ts';

const TURNS = 5;
/** Of 10,000 containers each: as many rows as one answer is asked to hold. */
const SETS = 5;
const LIMIT = 50_000;
const FACES = {
  allocation: (window: string) => `/allocation?window=${window}&step=1d`,
  native: (window: string) => `/v1/allocations?window=${window}&step=1d&aggregate=&idle=hide&limit=${LIMIT}`,
} as const;

export async function* benchStreams(lab: BenchLab): AsyncGenerator<Figure> {
  const ledger = await lab.ledger();
  const engine = await openBenchEngine(join(ledger.dataDir, 'columnar'));
  try {
    await using server = await serveOn(engine, ledger);
    const window = daysOf(ledger);
    const clusters = { list: async () => [...ledger.clusters] };
    const rates = { list: async () => [] };
    const allocations = createAllocationQueries({ columnar: engine.columnar, clusters, rates, clock: systemClock });
    const query = AllocationQuery.parse({ window, step: '1d', aggregate: '', idle: 'hide' });
    const principal = { tenantId: ledger.tenant, keyId: '', scopes: ['read'], clusterId: null } as const;
    const question = questionOf(query, principal, systemClock.now());
    for (const [name, urlOf] of Object.entries(FACES)) {
      yield* streamed(name, {
        find: () => allocations.sets(question),
        url: `${server.url}${urlOf(window)}`,
        key: ledger.key,
      });
    }
  } finally {
    await engine.close();
  }
}

/** Days that are over. */
function daysOf({ end }: BenchLedger): string {
  const until = dayStart(end);
  return [until - SETS * DAY_MS, until].map((at) => new Date(at).toISOString()).join(',');
}

interface Asked {
  readonly find: () => Promise<unknown>;
  readonly url: string;
  readonly key: string;
}

async function* streamed(name: string, { find, url, key }: Asked): AsyncGenerator<Figure> {
  const headers = { 'x-api-key': key };
  const ms = await takeTurns(
    {
      found: find,
      first: async () => {
        const response = await fetch(url, { headers });
        const reader = response.body?.getReader();
        await reader?.read();
        await reader?.cancel();
      },
      whole: async () => (await fetch(url, { headers })).arrayBuffer(),
    },
    TURNS,
  );
  const found = { name: 'found_in_process', value: median(ms.found) };
  const first = median(ms.first);
  yield figure(`stream_50k_${name}_first_byte`, { value: first, unit: 'ms' }, found);
  yield figure(
    `stream_50k_${name}_whole`,
    { value: median(ms.whole), unit: 'ms' },
    { name: 'first_byte', value: first },
  );
}
