import { AllocationQuestionQuery } from '../../src/contracts/allocations.ts';
import { questionOf } from '../../src/http/allocations/read-query.ts';
import { rowName } from '../../src/http/allocations/row-names.ts';
import { totalOf } from '../../src/http/allocations/shares.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { formatMoney } from '../../src/lib/money.ts';
import type { LedgerLab } from './ledger-lab.ts';
import { ledgerQueries } from './ledger-queries.ts';

interface AskedWindow {
  readonly tenant: string;
  readonly start: number;
  readonly end: number;
}

/** What rows cost in all, by name: as `/v1/allocations` is asked, with `aggregate=pod&idle=share`. */
export async function ledgerAllocations(
  lab: LedgerLab,
  { tenant, start, end }: AskedWindow,
  asked: string,
): Promise<[string, string][]> {
  const window = [start, end].map((at) => new Date(at).toISOString()).join(',');
  const query = AllocationQuestionQuery.parse({ ...Object.fromEntries(new URLSearchParams(asked)), window });
  const principal = { tenantId: tenant, keyId: 'test', scopes: [], clusterId: null };
  const { sets } = await ledgerQueries(lab).allocations.sets(questionOf(query, principal, systemClock.now()));
  return sets.flatMap(({ rows }) => rows.map((row): [string, string] => [rowName(row), formatMoney(totalOf(row))]));
}
