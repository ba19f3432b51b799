import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A small HTTP server of others, on loopback, that answers as a test says. */
export interface CannedUpstream {
  readonly url: string;
  /** What was asked, path and query, in order. */
  readonly asked: string[];
  /** How many requests were open at once, at most. */
  readonly openMax: () => number;
  close(): Promise<void>;
}

export async function cannedUpstream(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<CannedUpstream> {
  const asked: string[] = [];
  let open = 0;
  let openMax = 0;
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    open += 1;
    openMax = Math.max(openMax, open);
    res.on('close', () => (open -= 1));
    answer(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the upstream has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    openMax: () => openMax,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer whole, as JSON. */
export function sendJson(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
}
