import { type AssetQuery, assetsCsv, listAssets } from '../../contracts/assets.ts';
import { assetAnswer } from '../assets/answer.ts';
import { assetCsv } from '../assets/csv.ts';
import { assetQuestionOf } from '../assets/read-query.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

/** `/v1/assets`, as JSON and as CSV. */
export function addAssetRoutes(add: AddRoute, { assets, clock }: Pick<ServerDeps, 'assets' | 'clock'>): void {
  const answer = async (query: AssetQuery, principal: Principal, signal: AbortSignal) => {
    const question = assetQuestionOf(query, principal, clock.now());
    return assetAnswer(await assets.sets(question, signal), { keys: question.keys, query });
  };
  add(listAssets, ({ query, request, signal }) => answer(query, principalOf(request), signal));
  add(assetsCsv, async ({ query, request, reply, signal }) => {
    const csv = assetCsv(await answer(query, principalOf(request), signal));
    reply.type(assetsCsv.produces).header('content-disposition', 'attachment; filename="assets.csv"');
    return csv;
  });
}
