/** Opens the folder it is given and makes tenants until it is killed, naming each one once the store has acknowledged it. */
import { migrate } from '../../src/store/relational/migrate.ts';
import { openPglite } from '../../src/store/relational/pglite-engine.ts';
import { createTenants } from '../../src/store/relational/tenants.ts';

const relational = await openPglite({ folder: process.argv[2] ?? '' });
await migrate(relational);
const tenants = createTenants(relational.db);
process.on('disconnect', () => process.exit());
for (let i = 0; ; i += 1) {
  const { id } = await tenants.create(`tenant ${i}`, i);
  process.stdout.write(`${id}\n`);
}
