import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { newTenant } from '../support/tenant-lab.ts';

const TIMEOUT_MS = 180_000;
const address = process.env['KUBETALLY_TEST_CLICKHOUSE_URL'];
const LAW = 'law 9: the embedded engine and a ClickHouse server give the same answers, digit by digit';

if (address === undefined) {
  test.skip(`${LAW} (set KUBETALLY_TEST_CLICKHOUSE_URL=http://user:password@host:8123)`, () => undefined);
} else {
  test(LAW, () => compareWith(new URL(address)), TIMEOUT_MS);
}

async function compareWith({ origin, username, password }: URL): Promise<void> {
  const user = username === '' ? 'default' : decodeURIComponent(username);
  const embedded = await startTestServer();
  const remote = await startTestServer({ engine: { url: origin, user, password: decodeURIComponent(password) } });
  try {
    await fc.assert(
      fc.asyncProperty(clusterLives, async (lives) => {
        const posts = lives.flatMap(postsOf);
        const [here, there] = await Promise.all(
          [embedded, remote].map(async (server) => {
            const tenant = await newTenant(server);
            await tenant.send(posts);
            await server.roll();
            return tenant.answers(lifeWindow());
          }),
        );
        expect(there).toEqual(here);
      }),
      { numRuns: 8 },
    );
  } finally {
    await remote.close();
    await embedded.close();
  }
}
