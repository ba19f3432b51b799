import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { formatMoney } from '../lib/money.ts';
import { createAudit } from '../store/relational/audit.ts';
import {
  createPriceVersions,
  type NewPriceVersion,
  type PriceVersion,
  type PriceVersionHead,
} from '../store/relational/price-versions.ts';
import type { Relational } from '../store/relational/relational.ts';
import { administeredTenant, type Principal, requireScope } from './principal.ts';

export interface PriceAdmin {
  /** Needs `read`: the caller's own versions and the built-in book, in the order of arrival. */
  list(by: Principal): Promise<PriceVersionHead[]>;
  /** Needs `read`. Throws `not_found`. */
  get(by: Principal, id: string): Promise<PriceVersion>;
  /** Needs `admin`. Throws what `PriceVersions.add` throws. */
  add(by: Principal, version: PriceRequest): Promise<PriceVersion>;
}

export type PriceRequest = Omit<NewPriceVersion, 'createdAt' | 'createdBy'> & {
  readonly tenantId?: string | undefined;
};

export function createPriceAdmin(deps: { relational: Relational; clock: Clock }): PriceAdmin {
  const { relational, clock } = deps;
  return {
    async list(by) {
      requireScope(by, 'read');
      return createPriceVersions(relational.db).list(by.tenantId);
    },
    async get(by, id) {
      requireScope(by, 'read');
      const version = await createPriceVersions(relational.db).get(by.tenantId, id);
      if (version) return version;
      throw new AppError('not_found', `there is no price version ${id}`, { details: { field: 'price_version_id' } });
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
          rules: added.rules.length,
          storage_classes: Object.keys(added.storageClasses).length,
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
