import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SampleBatch } from '../../src/core/samples.ts';
import { ENRICHING_SOURCE } from '../../src/core/source-of-record.ts';
import { disordered } from '../support/disordered.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { type LedgerRow, ledgerRows, unbalancedNodes } from '../support/ledger-rows.ts';
import { pointBatch } from '../support/point-batch.ts';
import { collectedOf, type ScrapedLife, scrapedLife, scrapesOf, statedOf, watchedOf } from '../support/scraped-life.ts';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const TIMEOUT_MS = 180_000;

const disorder = fc.array(fc.nat(), { minLength: 5, maxLength: 30 });
/** Which sources report, and of how many of the instants each that samples: one may begin late, another end early. */
const mix = fc.record({
  collector: fc.option(fc.tuple(fc.nat({ max: 6 }), fc.integer({ min: 6, max: 12 }))),
  scraped: fc.option(fc.tuple(fc.nat({ max: 6 }), fc.integer({ min: 6, max: 12 }))),
  stated: fc.boolean(),
  watched: fc.boolean(),
});
type Mix = typeof mix extends fc.Arbitrary<infer T> ? T : never;

test(
  'law 4: each hour is one source whole, as if no other had reported; the API server adds to it and is not added',
  async () => {
    await fc.assert(
      fc.asyncProperty(scrapedLife, mix, disorder, async (life, reported, order) => {
        const bySource = batchesOf(life, reported);
        const beside = bySource.get(ENRICHING_SOURCE) ?? [];
        const together = await ledgerOf(disordered([...bySource.values()].flat(), order), 2);
        expect(await unbalancedNodes(lab.columnar, together.tenant)).toEqual([]);
        for (const [source, batches] of bySource) {
          const own = (rows: readonly LedgerRow[]) => rows.filter((row) => row.source === source);
          const hours = new Set(own(together.hours).map(({ hour }) => hour));
          if (hours.size === 0) continue;
          const alone = await ledgerOf(source === ENRICHING_SOURCE ? batches : [...batches, ...beside], 1);
          const same = (rows: readonly LedgerRow[]) => rows.filter(({ hour }) => hours.has(hour));
          expect(same(together.nodes)).toEqual(same(alone.nodes));
          expect(same(together.containers)).toEqual(same(alone.containers));
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test(
  'law 3: what the API server tells may come long before or after the usage that it belongs to',
  async () => {
    await fc.assert(
      fc.asyncProperty(scrapedLife, fc.boolean(), disorder, async (life, scraped, order) => {
        const usage = scraped ? [pointBatch(scrapesOf(life))] : collectedOf(life);
        const watched = watchedOf(life);
        const first = await ledgerOf([...watched, ...usage], 1);
        expect(await unbalancedNodes(lab.columnar, first.tenant)).toEqual([]);
        const { tenant: _, ...rows } = first;
        expect(await ledgerOf([...usage, ...watched], 2)).toMatchObject(rows);
        expect(await ledgerOf(disordered([...usage, ...watched, ...watched], order), 3)).toMatchObject(rows);
      }),
      { numRuns: 4, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

function batchesOf(life: ScrapedLife, { collector, scraped, stated, watched }: Mix): Map<string, SampleBatch[]> {
  const batches = new Map<string, SampleBatch[]>();
  const part = (span: readonly [number, number]) => ({ from: span[0], to: span[1] });
  if (collector) batches.set('collector', collectedOf(life).slice(collector[0], collector[1]));
  if (scraped) batches.set('remote-write', [pointBatch(scrapesOf(life, { ticks: part(scraped) }))]);
  if (stated) batches.set('kubecost', statedOf(life));
  if (watched) batches.set(ENRICHING_SOURCE, watchedOf(life));
  return batches;
}

/** Sends all, computing whatever is due so many times in between. */
async function ledgerOf(batches: readonly SampleBatch[], rolls: number) {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'mixed');
  const size = Math.max(1, Math.ceil(batches.length / rolls));
  for (let from = 0; from < batches.length; from += size) {
    const part = batches.slice(from, from + size);
    await Promise.all(part.map((batch) => lab.put({ tenant, cluster }, batch)));
    await lab.roll();
  }
  return { tenant, ...(await ledgerRows(lab.columnar, tenant)) };
}
