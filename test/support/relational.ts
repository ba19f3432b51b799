import { migrate } from '../../src/store/relational/migrate.ts';
import { openPglite } from '../../src/store/relational/pglite-engine.ts';
import type { Relational } from '../../src/store/relational/relational.ts';

/** A migrated relational store in memory, of the caller's own; close it afterwards. About a second to start. */
export async function testRelational(): Promise<Relational> {
  const relational = await openPglite({ folder: 'memory' });
  await migrate(relational);
  return relational;
}
