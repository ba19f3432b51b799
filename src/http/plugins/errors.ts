import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE } from '../../contracts/problem.ts';
import { AppError } from '../../lib/errors.ts';
import { problemOf, toAppError } from '../problem.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Of what a caller sent, at most so much is said back. */
const ECHO_CHARS_MAX = 200;

/** The one place where a failure becomes a reply. */
export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => answerUnknown(app, request, reply));
}

/** Sends the problem that `error` is. A defect of ours is logged with its cause; a refusal is not worth a line. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = toAppError(error, { bodyBytesMax: request.routeOptions.bodyLimit });
  const route = request.routeOptions.url ?? 'unknown';
  if (failure.status >= 500) {
    const gone = request.raw.destroyed || request.raw.socket.destroyed;
    const facts = { error: failure.cause ?? failure, code: failure.code, route, requestId: request.id };
    if (gone) request.log.debug(facts, 'caller left before the answer');
    else request.log[failure.code === 'internal' ? 'error' : 'warn'](facts, 'request failed');
  }
  if (failure.status === 401) reply.header('www-authenticate', 'ApiKey realm="kubetally"');
  if (failure.retryAfterSeconds !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterSeconds)));
  }
  reply.removeHeader('content-length').removeHeader('content-encoding');
  return reply
    .code(failure.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problemOf(failure, request.id)));
}

/** 405 with `Allow` where the path is known, `OPTIONS` included; 404 elsewhere. */
function answerUnknown(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '/';
  const allowed = METHODS.filter((method) => isRouted(app, method, path));
  if (allowed.length === 0) {
    const error = new AppError('not_found', `there is no ${request.method} ${path.slice(0, ECHO_CHARS_MAX)}`);
    return sendProblem(error, request, reply);
  }
  reply.header('allow', [...allowed, 'OPTIONS'].join(', '));
  if (request.method === 'OPTIONS') return reply.code(204).send();
  const message = `cannot ${request.method} ${path.slice(0, ECHO_CHARS_MAX)}; it takes ${allowed.join(', ')}`;
  return sendProblem(new AppError('method_not_allowed', message), request, reply);
}

/** Whether some route takes this path by name; the web page's, which takes every path, does not count. */
function isRouted(app: FastifyInstance, method: (typeof METHODS)[number], path: string): boolean {
  const found = app.findRoute({ method, url: path });
  return found !== null && !Object.hasOwn(found.params, '*');
}
