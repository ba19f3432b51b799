import type { FastifyInstance } from 'fastify';
import { SECOND_MS } from '../../lib/clock.ts';
import { type Metrics, SECONDS_BUCKETS } from '../../lib/metrics.ts';

/** Names each request, counts it and times it. A label is the route's pattern, never the URL, so there are few. */
export function registerObserve(app: FastifyInstance, metrics: Metrics): void {
  const requests = metrics.counter({
    name: 'kubetally_http_requests_total',
    help: 'Requests answered.',
    labels: ['route', 'method', 'status'],
  });
  const seconds = metrics.histogram({
    name: 'kubetally_http_request_duration_seconds',
    help: 'From the arrival of the headers to the end of the reply.',
    labels: ['route', 'method'],
    buckets: SECONDS_BUCKETS,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    requests.add(1, { route, method, status: String(reply.statusCode) });
    seconds.observe(reply.elapsedTime / SECOND_MS, { route, method });
    const facts = { requestId: request.id, route, method, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.debug(facts, 'request answered');
  });
}
