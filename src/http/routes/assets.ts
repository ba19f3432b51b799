import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AssetAnswer, type AssetQuery, assetsCsv, listAssets } from '../../contracts/assets.ts';
import { assetAnswer } from '../assets/answer.ts';
import { assetCsv } from '../assets/csv.ts';
import { assetQuestionOf } from '../assets/read-query.ts';
import { answerCached } from '../caching.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

type Deps = Pick<ServerDeps, 'assets' | 'evidence' | 'clock' | 'version'>;

interface AssetCall {
  readonly query: AssetQuery;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

/** `/v1/assets`, as JSON and as CSV. */
export function addAssetRoutes(add: AddRoute, deps: Deps): void {
  const cached = async <T>({ query, request, reply, signal }: AssetCall, shown: (answer: AssetAnswer) => T) => {
    const question = assetQuestionOf(query, principalOf(request), deps.clock.now());
    const { sort, limit, offset } = query;
    return answerCached(deps, {
      request,
      reply,
      signal,
      question,
      shown: { sort, limit, offset },
      answer: async (look) =>
        shown(assetAnswer(await deps.assets.sets(question, signal, look), { keys: question.keys, query })),
    });
  };
  add(listAssets, (call) => cached(call, (answer) => answer));
  add(assetsCsv, (call) =>
    cached(call, (answer) => {
      call.reply.type(assetsCsv.produces).header('content-disposition', 'attachment; filename="assets.csv"');
      return assetCsv(answer);
    }),
  );
}
