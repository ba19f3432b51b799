import type { FastifyReply, FastifyRequest } from 'fastify';
import { kubecostAssets, type OpenCostAssetQuery, openCostAssets } from '../../contracts/opencost-assets.ts';
import type { AssetSet } from '../../queries/assets.ts';
import { assetPage } from '../assets/rows.ts';
import type { ServerDeps } from '../dependencies.ts';
import { openCostAsset, openCostAssetName } from '../opencost/asset-json.ts';
import { refusalOf, warningOf } from '../opencost/envelope.ts';
import type { Dialect } from '../opencost/parameters.ts';
import { type OpenCostAssetAsk, readOpenCostAssetQuery } from '../opencost/read-asset-query.ts';
import { uniquelyNamed } from '../opencost/unique-names.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

type Deps = Pick<ServerDeps, 'assets' | 'clock'>;

/** Assets of the OpenCost API: a translation over the same questions that the native one asks, with no arithmetic of its own. */
export function addOpenCostAssetRoutes(add: AddRoute, deps: Deps): void {
  add(
    openCostAssets,
    (call) =>
      inTheirShape(call, async () => {
        const { sets, warning, isList } = await answer(deps, 'opencost', call);
        const [first] = sets;
        return { code: 200 as const, status: 'success' as const, data: isList ? sets : (first ?? {}), ...warning };
      }),
    { refused: refusalOf },
  );
  add(
    kubecostAssets,
    (call) =>
      inTheirShape(call, async () => {
        const { sets, warning } = await answer(deps, 'kubecost', call);
        return { code: 200 as const, status: 'success' as const, data: sets, ...warning };
      }),
    { refused: refusalOf },
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
  const named = assetPage(rows, page).map((row) => ({
    name: openCostAssetName(row, question.keys),
    isSpecial: false,
    value: openCostAsset(row, { window, disableAdjustments }),
  }));
  return Object.fromEntries(uniquelyNamed(named));
}

async function inTheirShape<T>(call: AssetCall, work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    return refusalOf(error, call);
  }
}
