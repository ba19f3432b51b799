import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../../contracts/route.ts';
import { AppError } from '../../lib/errors.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

type Deps = Pick<ServerDeps, 'access' | 'rateLimiter' | 'anonymous'>;

/**
 * Who may call what. A route states its scope, or why it is open; a server with a route that states neither does not
 * start. The key is checked, and counted against its rate, before a byte of the body is read.
 */
export function registerAuth(app: FastifyInstance, deps: Deps): void {
  app.decorateRequest('principal', null);
  refuseUndeclared(app);
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    const access = accessOf(request);
    if (access?.open !== undefined) return;
    if (access?.scope === undefined) throw new Error(`no access is declared for ${request.routeOptions.url}`);
    request.principal = await callerOf(request, access, deps);
    await takeTurn(deps.rateLimiter, request.principal, reply);
    requireScope(request.principal, access);
    reply.header('cache-control', 'no-store');
  });
}

/** What the route says of this request: an open one may need a key with one of its parameters. */
function accessOf({ routeOptions, query }: FastifyRequest): Access | undefined {
  const { access } = routeOptions.config;
  const keyed = access?.keyed;
  const isAsked = keyed && typeof query === 'object' && query !== null && Object.hasOwn(query, keyed.query);
  return isAsked ? { scope: keyed.scope } : access;
}

/** A key that is given counts, right or wrong; only where there is none may the caller be nobody. */
async function callerOf({ headers }: FastifyRequest, { anonymous }: Access, deps: Deps): Promise<Principal> {
  const hasKey = headers['x-api-key'] !== undefined || headers.authorization !== undefined;
  const nobody = anonymous && !hasKey ? await deps.anonymous[anonymous]() : null;
  return nobody ?? (await deps.access.authenticator.authenticate(headers));
}

function refuseUndeclared(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const access = config?.access;
    if (!access?.scope && !access?.open) {
      throw new Error(`${String(method)} ${url} declares neither the scope it needs nor why it is open`);
    }
  });
}

async function takeTurn(limiter: ServerDeps['rateLimiter'], principal: Principal, reply: FastifyReply): Promise<void> {
  const { allowed, limit, remaining, resetSeconds, retryAfterSeconds } = await limiter.take(principal.keyId);
  reply
    .header('ratelimit-limit', limit)
    .header('ratelimit-remaining', remaining)
    .header('ratelimit-reset', resetSeconds);
  if (allowed) return;
  const message = `this key may make ${limit} requests at once; try again in ${retryAfterSeconds} s`;
  throw new AppError('rate_limited', message, { retryAfterSeconds });
}

/** An operator may do what an admin may; otherwise no scope holds another. */
function requireScope({ scopes }: Principal, { scope, orScope }: Access): void {
  if (scope === undefined || scopes.includes(scope) || (scope === 'admin' && scopes.includes('operator'))) return;
  if (orScope !== undefined && scopes.includes(orScope)) return;
  throw new AppError('scope_missing', `this key lacks the scope "${scope}"`, { details: { scope } });
}

/** Who is calling a route that needs a key. On an open one there is nobody to ask for: a defect. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error(`${request.routeOptions.url} is open: it has no principal`);
  return request.principal;
}
