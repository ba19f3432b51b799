import { afterAll, beforeAll, describe } from 'vitest';
import { currenciesConformance } from './conformance/currencies.conformance.ts';
import { engineConformance } from './conformance/engine.conformance.ts';
import { leasesConformance } from './conformance/leases.conformance.ts';
import { pricesConformance } from './conformance/prices.conformance.ts';
import { registryConformance } from './conformance/registry.conformance.ts';
import { sourceLogConformance } from './conformance/source-log.conformance.ts';
import { tenancyConformance } from './conformance/tenancy.conformance.ts';
import { uploadsConformance } from './conformance/uploads.conformance.ts';
import type { Relational } from './relational.ts';

/** The one suite that every engine of the relational store passes. `open` gives a handle on an empty database. */
export function relationalConformance(name: string, open: () => Promise<Relational>): void {
  describe(`relational: ${name}`, () => {
    let relational: Relational;
    const store = () => relational;
    beforeAll(async () => {
      relational = await open();
    });
    afterAll(() => relational.close());

    engineConformance(store); // first: its migrations are what the others stand on
    registryConformance(store);
    pricesConformance(store);
    currenciesConformance(store);
    leasesConformance(store);
    sourceLogConformance(store);
    tenancyConformance(store);
    uploadsConformance(store);
  });
}
