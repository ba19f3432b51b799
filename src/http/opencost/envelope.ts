import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Coverage } from '../../contracts/costs.ts';
import { toAppError } from '../problem.ts';

/** What cannot be answered, as OpenCost says it. A defect is thrown on, to those who note it. */
export function refusalOf(error: unknown, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) {
  const failure = toAppError(error, { bodyBytesMax: request.routeOptions.bodyLimit });
  if (failure.status >= 500) throw failure;
  reply.code(failure.status);
  return { code: failure.status, status: 'error' as const, data: null, message: `Error: ${failure.message}` };
}

/** A missing hour is never silently zero. */
export function warningOf({ hours_asked, hours_covered, ratio }: Coverage): { warning?: string } {
  if (ratio >= 1) return {};
  const [known, asked] = [hours_covered, hours_asked].map((hours) => Math.round(hours * 100) / 100);
  return { warning: `${known} of ${asked} hours are known, over the clusters asked about` };
}
