import type { Clock } from '../lib/clock.ts';
import { formatMoney } from '../lib/money.ts';
import { createAudit } from '../store/relational/audit.ts';
import { createPriceVersions, type NewPriceVersion, type PriceVersion } from '../store/relational/price-versions.ts';
import type { Relational } from '../store/relational/relational.ts';
import { administeredTenant, type Principal, requireScope } from './principal.ts';

export interface PriceAdmin {
  /** Needs `read`: the caller's own versions and the built-in book, in the order of arrival. */
  list(by: Principal): Promise<PriceVersion[]>;
  /** Needs `admin`. Throws what `PriceVersions.add` throws. */
  add(by: Principal, version: PriceRequest): Promise<PriceVersion>;
}

export type PriceRequest = Pick<NewPriceVersion, 'clusterId' | 'effectiveFrom' | 'base' | 'rates' | 'note'> & {
  readonly tenantId?: string | undefined;
};

export function createPriceAdmin(deps: { relational: Relational; clock: Clock }): PriceAdmin {
  const { relational, clock } = deps;
  return {
    async list(by) {
      requireScope(by, 'read');
      return createPriceVersions(relational.db).list(by.tenantId);
    },
    async add(by, { tenantId: givenTenant, ...request }) {
      const tenantId = administeredTenant(by, givenTenant);
      const at = clock.now();
      return relational.transaction(async (transaction) => {
        const version = { ...request, createdAt: at, createdBy: by.keyId };
        const added = await createPriceVersions(transaction).add(tenantId, version);
        const details = {
          effective_from: added.effectiveFrom,
          cluster_id: added.clusterId,
          base: added.base,
          rates: rateTexts(added),
        };
        const event = { at, actor: by.keyId, action: 'price_version.add', target: added.id, details } as const;
        await createAudit(transaction).record(tenantId, event);
        return added;
      });
    },
  };
}

function rateTexts({ rates }: PriceVersion): Record<string, string> {
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, formatMoney(rate)]));
}
