import type { FastifyInstance } from 'fastify';

/**
 * Whether the server was told to stop. From then on each reply ends its connection: `close` waits for connections, and
 * one that was kept alive after its last reply would hold it up for as long as its owner likes.
 */
export function registerStopping(app: FastifyInstance): () => boolean {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (stopping) reply.header('connection', 'close');
    return payload;
  });
  return () => stopping;
}
