import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Whether the server was told to stop. From then on each reply ends its connection, and connections that have no request
 * under way are ended at once: `close` waits for connections, and one that was kept alive after its last reply, or that
 * never sent a whole request, would hold it up for as long as its owner likes.
 */
export function registerStopping(app: FastifyInstance): () => boolean {
  let stopping = false;
  /** Requests under way by connection. */
  const open = new Map<Socket, number>();
  app.server.on('connection', (socket) => {
    open.set(socket, 0);
    socket.once('close', () => open.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => {
    open.set(socket, (open.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = open.get(socket);
      if (count !== undefined) open.set(socket, count - 1);
    });
  });
  app.addHook('preClose', async () => {
    stopping = true;
    for (const [socket, requests] of open) if (requests === 0) socket.destroy();
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (stopping) reply.header('connection', 'close');
    return payload;
  });
  return () => stopping;
}
