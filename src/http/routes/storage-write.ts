import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STORAGE_WRITE_URL } from '../../contracts/remote-write.ts';
import { AppError } from '../../lib/errors.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { toAppError } from '../problem.ts';
import { createForward } from '../remote-write/forward.ts';
import { writeVersionOf } from '../remote-write/media-type.ts';
import { bytesOf, checkRefusals, type ReceiveWrite } from '../remote-write/receive.ts';

const ACCOUNT_HEADER = 'cloud-account-id';
const OPEN = 'it answers for itself: an account, then its credentials, each refusal a bare status';

/**
 * Remote write as OptScale's agents send it: an account by header, a key of that account as Basic credentials. The order of
 * the checks and the bare statuses are theirs: 400 a header is missing, 422 no such account or none of its keys can be used,
 * 401 the credentials are not the account's, 503 not stored; otherwise what the upstream says, or 204 where there is none.
 */
export async function addStorageWrite(app: FastifyInstance, receive: ReceiveWrite, deps: ServerDeps): Promise<void> {
  const { settings } = deps;
  const forward = createForward(settings.remoteWrite.forward);
  await app.register(async (corner) => {
    corner.setErrorHandler((error, request, reply) => answerBare(error, request, reply));
    corner.route({
      method: 'POST',
      url: STORAGE_WRITE_URL,
      config: { access: { open: OPEN } },
      onRequest: async (request) => {
        request.principal = await accountOf(request, deps);
      },
      async handler(request, reply) {
        const { principal } = request;
        if (!principal) throw new AppError('internal', 'the account was not checked');
        const body = bytesOf(request.body);
        const signal = AbortSignal.timeout(settings.http.requestTimeoutMs);
        const version = writeVersionOf(request);
        const counts = await receive({ body, version, principal, clusterName: null, signal });
        const said = await forward(request, body, signal);
        if (said) return sendUpstream(reply, said);
        checkRefusals(counts, version);
        return reply.code(204).send();
      },
    });
  });
}

/** Whose write this is. Throws what becomes the status of the refusal. */
async function accountOf({ headers }: FastifyRequest, { access, rateLimiter }: ServerDeps): Promise<Principal> {
  const account = headers[ACCOUNT_HEADER];
  const { authorization } = headers;
  if (typeof account !== 'string' || account === '' || authorization === undefined) {
    throw new AppError('invalid_request', 'a header is missing');
  }
  const state = await access.accounts.stateOf(account);
  if (state !== 'open') throw new AppError('limit_exceeded', `the account is ${state}`);
  const principal = await access.authenticator.authenticate({ authorization });
  if (principal.tenantId !== account.toLowerCase() || !principal.scopes.includes('ingest')) {
    throw new AppError('api_key_invalid', 'the credentials are not of this account');
  }
  const { allowed, retryAfterSeconds } = await rateLimiter.take(principal.keyId);
  if (!allowed) throw new AppError('rate_limited', 'too many requests', { retryAfterSeconds });
  return principal;
}

function sendUpstream(
  reply: FastifyReply,
  {
    status,
    contentType,
    body,
  }: { readonly status: number; readonly contentType: string | null; readonly body: Buffer },
): FastifyReply {
  if (contentType !== null) reply.type(contentType);
  return reply.code(status).send(body.length > 0 ? body : undefined);
}

/** Statuses that this surface has; whatever is a failure on our side is 503, which senders try again. */
function answerBare(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = toAppError(error, { bodyBytesMax: request.routeOptions.bodyLimit });
  if (failure.status >= 500) request.log.warn({ error: failure, requestId: request.id }, 'write not stored');
  if (failure.status === 401) reply.header('www-authenticate', 'Basic');
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(failure.retryAfterSeconds));
  return reply.code(failure.status >= 500 ? 503 : failure.status).send();
}
