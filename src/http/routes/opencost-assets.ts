import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Coverage } from '../../contracts/costs.ts';
import { kubecostAssets, type OpenCostAssetQuery, openCostAssets } from '../../contracts/opencost-assets.ts';
import type { AssetSet } from '../../queries/assets.ts';
import { assetPage } from '../assets/rows.ts';
import type { ServerDeps } from '../dependencies.ts';
import { openCostAsset, openCostAssetName } from '../opencost/asset-json.ts';
import { type OpenCostAssetAsk, readOpenCostAssetQuery } from '../opencost/read-asset-query.ts';
import type { Dialect } from '../opencost/read-query.ts';
import { principalOf } from '../plugins/auth.ts';
import { toAppError } from '../problem.ts';
import type { AddRoute } from '../route.ts';

type Deps = Pick<ServerDeps, 'assets' | 'clock'>;

/** Assets of the OpenCost API: a translation over the same questions that the native one asks, with no arithmetic of its own. */
export function addOpenCostAssetRoutes(add: AddRoute, deps: Deps): void {
  add(openCostAssets, (call) =>
    inTheirShape(call, async () => {
      const { sets, warning, isList } = await answer(deps, 'opencost', call);
      const [first] = sets;
      return { code: 200 as const, status: 'success' as const, data: isList ? sets : (first ?? {}), ...warning };
    }),
  );
  add(kubecostAssets, (call) =>
    inTheirShape(call, async () => {
      const { sets, warning } = await answer(deps, 'kubecost', call);
      return { code: 200 as const, status: 'success' as const, data: sets, ...warning };
    }),
  );
}

interface AssetCall {
  readonly query: OpenCostAssetQuery;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

async function answer({ assets, clock }: Deps, dialect: Dialect, { query, request, signal }: AssetCall) {
  const ask = readOpenCostAssetQuery(query, { principal: principalOf(request), dialect, now: clock.now() });
  const { sets, coverage } = await assets.sets(ask.question, signal);
  return { sets: sets.map((set) => rowsOf(set, ask)), warning: warningOf(coverage), isList: ask.isList };
}

function rowsOf({ rows, window }: AssetSet, { question, page, disableAdjustments }: OpenCostAssetAsk) {
  const shown = assetPage(rows, page).map(
    (row) => [openCostAssetName(row, question.keys), openCostAsset(row, { window, disableAdjustments })] as const,
  );
  return Object.fromEntries(shown);
}

/** What cannot be answered, as OpenCost says it. A defect goes on to those who note it. */
async function inTheirShape<T>({ request, reply }: AssetCall, work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    const failure = toAppError(error, { bodyBytesMax: request.routeOptions.bodyLimit });
    if (failure.status >= 500) throw failure;
    reply.code(failure.status);
    return { code: failure.status, status: 'error' as const, data: null, message: `Error: ${failure.message}` };
  }
}

/** A missing hour is never silently zero. */
function warningOf({ hours_asked, hours_covered, ratio }: Coverage): { warning?: string } {
  if (ratio >= 1) return {};
  const [known, asked] = [hours_covered, hours_asked].map((hours) => Math.round(hours * 100) / 100);
  return { warning: `${known} of ${asked} hours are known, over all clusters` };
}
