import { afterAll, beforeAll, describe } from 'vitest';
import { findPostgres, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { openPglite } from './pglite-engine.ts';
import { openPostgres } from './postgres-engine.ts';
import { relationalConformance } from './relational.conformance.ts';

relationalConformance('PGlite', () => openPglite({ folder: 'memory' }));

const bin = await findPostgres();
describe.skipIf(bin === undefined)('a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
  });
  afterAll(() => server.end());
  relationalConformance('PostgreSQL', async () => openPostgres({ url: await server.database() }));
});
