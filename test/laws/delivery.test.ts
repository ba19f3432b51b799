import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf, type SourcePost, scatteredPostsOf } from '../support/source-posts.ts';
import { newTenant } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;

const delivery = fc.record({
  scattered: fc.boolean(),
  copies: fc.integer({ min: 1, max: 3 }),
  disorder: fc.array(fc.nat(), { minLength: 5, maxLength: 30 }),
  // shares of the posts after which everything due is computed
  rolls: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 2 }),
});

test(
  'law 3: any order, copies, bodies and moments of computing give the answers of one delivery in order',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, delivery, async (lives, { scattered, copies, disorder, rolls }) => {
        const [once, otherwise] = [await newTenant(server), await newTenant(server)];
        await once.send(lives.flatMap(postsOf));
        const posts = lives.flatMap(scattered ? scatteredPostsOf : postsOf);
        const sent = disordered(Array.from({ length: copies }, () => posts).flat(), disorder);
        let from = 0;
        for (const share of [...rolls.toSorted((a, b) => a - b), 10]) {
          const to = Math.ceil((sent.length * share) / 10);
          await otherwise.send(sent.slice(from, to));
          await server.roll();
          from = to;
        }
        expect(await otherwise.answers(lifeWindow())).toEqual(await once.answers(lifeWindow()));
      }),
      { numRuns: 8 },
    );
  },
  TIMEOUT_MS,
);

function disordered(posts: readonly SourcePost[], disorder: readonly number[]): SourcePost[] {
  const rank = (index: number) => (disorder[index % disorder.length] ?? 0) + index;
  return posts
    .map((post, index) => ({ post, rank: rank(index) % (posts.length + 1) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ post }) => post);
}
