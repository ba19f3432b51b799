import { type AllocationQuery, allocationsCsv, listAllocations } from '../../contracts/allocations.ts';
import { parseAggregate } from '../../core/aggregate/aggregate-keys.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { parseCalendarWindow } from '../../core/windows/calendar-window.ts';
import { cutWindow, parseAccumulate, parseStep, WHOLE } from '../../core/windows/sets.ts';
import { parseZone } from '../../core/windows/zone.ts';
import { AppError } from '../../lib/errors.ts';
import { MONEY_DECIMALS, parseMoney } from '../../lib/money.ts';
import type { AllocationQuestion } from '../../queries/allocations.ts';
import { allocationAnswer } from '../allocations/answer.ts';
import { allocationCsv } from '../allocations/csv.ts';
import { sharedRows } from '../allocations/shared-rows.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

/** `/v1/allocations`, as JSON and as CSV. */
export function addAllocationRoutes(
  add: AddRoute,
  { allocations, clock }: Pick<ServerDeps, 'allocations' | 'clock'>,
): void {
  const answer = async (query: AllocationQuery, principal: Principal, signal: AbortSignal) => {
    const question = questionOf(query, principal, clock.now());
    return allocationAnswer(await allocations.sets(question, signal), { keys: question.keys, query });
  };
  add(listAllocations, ({ query, request, signal }) => answer(query, principalOf(request), signal));
  add(allocationsCsv, async ({ query, request, reply, signal }) => {
    const text = allocationCsv(await answer(query, principalOf(request), signal));
    reply.type(allocationsCsv.produces).header('content-disposition', 'attachment; filename="allocations.csv"');
    return text;
  });
}

function questionOf(query: AllocationQuery, { tenantId, clusterId }: Principal, now: number): AllocationQuestion {
  const { shareCost, shareSplit, idle, idleBy, splitIdle } = query;
  return {
    tenant: tenantId,
    onlyCluster: clusterId,
    sets: setsOf(query, now),
    keys: parseAggregate(query.aggregate),
    filter: parseFilter(query.filter),
    idle,
    idleBy,
    splitIdle,
    share: { rows: sharedRows(query), monthly: parseMoney(shareCost.toFixed(MONEY_DECIMALS)), split: shareSplit },
  };
}

function setsOf({ window, zone: zoneName, step, accumulate }: AllocationQuery, now: number) {
  if (step !== undefined && accumulate !== undefined) {
    throw new AppError('invalid_request', 'give a step or accumulate, not both', { details: { field: 'step' } });
  }
  const zone = parseZone(zoneName);
  const cut = accumulate === undefined ? undefined : parseAccumulate(accumulate);
  return cutWindow(parseCalendarWindow(window, { now, zone }), cut ?? (step === undefined ? WHOLE : parseStep(step)), {
    zone,
  });
}
