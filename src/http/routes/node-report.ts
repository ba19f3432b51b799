import { type NodeReportQuery, nodeReport } from '../../contracts/node-report.ts';
import { parseWindow } from '../../core/window.ts';
import { AppError } from '../../lib/errors.ts';
import { readGroupBy } from '../../queries/node-group-by.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { windowOf } from './costs.ts';

const DAYS_DEFAULT = 7;

export function addNodeReportRoutes(add: AddRoute, { nodes, clock }: Pick<ServerDeps, 'nodes' | 'clock'>): void {
  add(nodeReport, async ({ query, request, signal }) => {
    const { tenantId, clusterId } = principalOf(request);
    const { limit, offset, step, cluster } = query;
    const window = windowOf(timesOf(query, clock.now()), DAYS_DEFAULT, clock);
    const ask = { tenant: tenantId, onlyCluster: clusterId, ...window, cluster, step, ...readGroupBy(query.group_by) };
    return nodes.report(ask, { limit, offset }, signal);
  });
}

/** A window in words, or its two ends. Throws `invalid_request` for both. */
function timesOf({ window, start_time, end_time }: NodeReportQuery, now: number) {
  if (window === undefined) return { start_time, end_time };
  if (start_time !== undefined || end_time !== undefined) {
    throw new AppError('invalid_request', 'give a window, or start_time and end_time, not both', {
      details: { field: 'window' },
    });
  }
  const { start, end } = parseWindow(window, now);
  return { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
}
