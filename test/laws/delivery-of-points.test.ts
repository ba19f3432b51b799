import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disordered } from '../support/disordered.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { ledgerRows, unbalancedNodes } from '../support/ledger-rows.ts';
import { pointBatch, type Scraped } from '../support/point-batch.ts';
import { scrapedLife, scrapesOf } from '../support/scraped-life.ts';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const TIMEOUT_MS = 180_000;

const delivery = fc.record({
  disorder: fc.array(fc.nat(), { minLength: 5, maxLength: 30 }),
  copies: fc.integer({ min: 1, max: 2 }),
  pieces: fc.integer({ min: 1, max: 4 }),
  /** Every so many of the values are told once more, and lower: of two for one instant the greater stays. */
  contradicted: fc.integer({ min: 2, max: 9 }),
});

test(
  'laws 1, 3 and 6: points in any order, pieces, copies and moments of computing are one ledger, whose nodes add up',
  async () => {
    await fc.assert(
      fc.asyncProperty(scrapedLife, delivery, async (life, how) => {
        const once = await ledgerOf([scrapesOf(life)]);
        const sums = scrapesOf(life, { sums: true });
        const lower = sums.filter((_, index) => index % how.contradicted === 0).map(halved);
        const all = disordered(Array.from({ length: how.copies }, () => [...sums, ...lower]).flat(), how.disorder);
        const size = Math.ceil(all.length / how.pieces);
        const pieces = Array.from({ length: how.pieces }, (_, i) => all.slice(i * size, (i + 1) * size));
        const otherwise = await ledgerOf(pieces);
        expect(await unbalancedNodes(lab.columnar, once.tenant)).toEqual([]);
        expect(otherwise.rows).toEqual(once.rows);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

/** Sends each piece in turn, computing whatever is due after it. */
async function ledgerOf(pieces: readonly (readonly Scraped[])[]) {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'points');
  for (const piece of pieces) {
    await lab.put({ tenant, cluster }, pointBatch(piece));
    await lab.roll();
  }
  return { tenant, rows: await ledgerRows(lab.columnar, tenant) };
}

/** Half of a counter or a size; what is a time or a yes stays. */
function halved(scraped: Scraped): Scraped {
  const name = scraped.labels['__name__'] ?? '';
  return name.startsWith('container_') ? { ...scraped, value: scraped.value / 2 } : scraped;
}
