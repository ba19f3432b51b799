import { request as ask, createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/lib/clock.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { seriesAt } from '../../src/sim/series.ts';
import { listen } from '../support/listen.ts';
import { type StoredPoint, storedPoints } from '../support/points.ts';
import { findRemoteWriters, startExporter } from '../support/prometheus-senders.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

/** Prometheus and vmagent, as Debian has them, really scrape a fleet and really write to us. */
const writers = await findRemoteWriters();
const SCRAPES = 4;
const PATIENCE_MS = 60_000;

let server: TestServer;
let tenant: string;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await server.tenant();
  key = await server.key(tenant, ['ingest']);
});
afterAll(() => server.close());

/**
 * A way to the server on which much goes wrong: of each three requests the first is refused before it arrives, and the
 * second is taken without its sender ever hearing of it, as where a server is killed. Both are sent again.
 */
async function startBadRoad() {
  const { port: serverPort } = new URL(server.url);
  const seen = { refused: 0, unheard: 0, answered: 0 };
  let count = 0;
  const road = createServer((incoming, outgoing) => {
    count += 1;
    if (count % 3 === 1) {
      seen.refused += 1;
      incoming.resume();
      outgoing.writeHead(503).end();
      return;
    }
    const { method, headers, url: path } = incoming;
    const onward = ask({ host: '127.0.0.1', port: serverPort, method, path, headers }, (answer) => {
      answer.resume();
      if (count % 3 === 2) {
        seen.unheard += 1;
        incoming.socket.destroy();
        return;
      }
      seen.answered += 1;
      outgoing.writeHead(answer.statusCode ?? 500).end();
    });
    incoming.pipe(onward);
  });
  const port = await listen(road);
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      road.closeAllConnections();
      await new Promise((resolve) => road.close(resolve));
    },
  };
}

const inOrder = (points: Iterable<StoredPoint>) =>
  Array.from(points, ({ labels, at, value }) => {
    const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `${JSON.stringify(pairs)} ${at} ${value}`;
  }).toSorted();

describe.skipIf(writers.length === 0).each(writers)('$name', (writer) => {
  test.each(['straight', 'over a bad road'])(
    'what it scraped is what is in the store: %s',
    { timeout: PATIENCE_MS * 2 },
    async (way) => {
      const cluster = `${writer.name}-${way}`.toLowerCase().replaceAll(' ', '-');
      const fleet = createFleet({ preset: 'small', seed: 1, start: Date.now() - HOUR_MS });
      const exporter = await startExporter((at) => [...seriesAt(fleet, { cluster: 'small', at })]);
      const road = way === 'straight' ? undefined : await startBadRoad();
      const url = `${road?.url ?? server.url}/api/v1/write`;
      const sender = await writer.start({ target: exporter.target, url, key, cluster });
      try {
        await waitFor(() => exporter.scrapes.length >= SCRAPES || (sender.ended() && fail(sender.output())), {
          timeoutMs: PATIENCE_MS,
          what: `${SCRAPES} scrapes`,
        });
        const scraped = exporter.scrapes.slice(0, SCRAPES - 1).flatMap(({ at, points }) =>
          points.map(({ labels, value }) => ({
            labels: { instance: exporter.target, job: 'sim', ...labels },
            at,
            value,
          })),
        );
        const until = Math.max(...scraped.map(({ at }) => at));
        const stored = async () => {
          const all = await storedPoints(server, tenant, cluster);
          // Its own word on the target, and what it scraped after we looked, are no part of this.
          return all.filter(({ labels, at }) => labels['job'] !== undefined && at <= until && !isOwn(labels));
        };
        await waitFor(async () => (await stored()).length >= scraped.length, {
          timeoutMs: PATIENCE_MS,
          what: `${scraped.length} points, of which ${(await stored()).length} are there: ${sender.output().slice(-500)}`,
        });
        expect(inOrder(await stored())).toEqual(inOrder(scraped));
        // A sender that puts many scrapes in one request goes on until it has met everything.
        const met = () => !road || Math.min(road.seen.refused, road.seen.unheard, road.seen.answered) > 0;
        await waitFor(met, { timeoutMs: PATIENCE_MS, what: 'a refusal, a lost answer and an answer' });
      } finally {
        await sender.end();
        await road?.close();
        await exporter.close();
      }
    },
  );
});

const isOwn = (labels: StoredPoint['labels']) => labels['__name__'] === 'up' && labels['job'] === 'sim';

function fail(output: string): never {
  throw new Error(`it ended: ${output}`);
}
