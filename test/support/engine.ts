import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { type ClickHouseOptions, createClickHouse, createDatabase } from '../../src/store/columnar/clickhouse.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { migrateColumnar } from '../../src/store/columnar/migrate.ts';
import type { SharedEngine } from './global-setup.ts';

export interface TestDatabase {
  readonly columnar: Columnar;
  /** Where it is, for a second client of the same database. */
  readonly options: ClickHouseOptions;
  /** Drops the database. */
  readonly close: () => Promise<void>;
}

/** A fresh database with every migration applied, on the engine that the run shares or on `server`. */
export async function testDatabase(server?: SharedEngine): Promise<TestDatabase> {
  const database = await emptyDatabase(server);
  await migrateColumnar(database.columnar);
  return database;
}

/** A fresh database without any table. */
export async function emptyDatabase(server: SharedEngine = inject('engine')): Promise<TestDatabase> {
  const options = { ...server, database: `test_${randomUUID().replaceAll('-', '')}` };
  await createDatabase(options);
  const columnar = createClickHouse(options);
  return {
    columnar,
    options,
    close: async () => {
      await columnar.close();
      const keeper = createClickHouse({ ...options, database: 'default' });
      await keeper.command({ sql: `DROP DATABASE IF EXISTS ${options.database}` });
      await keeper.close();
    },
  };
}
