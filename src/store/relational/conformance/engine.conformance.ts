import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createJobState } from '../job-state.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { TRANSACTION_ATTEMPTS_MAX } from '../relational.ts';
import { createTenants } from '../tenants.ts';
import { NOW, type Store } from './fixtures.conformance.ts';

/** Migrations, transactions and errors: what every repository builds on. */
export function engineConformance(store: Store): void {
  describe('migrations', () => {
    test('two that start at once both end well, and each version is applied once', async () => {
      const applied = await Promise.all([migrate(store()), migrate(store()), migrate(store())]);
      expect(applied.flat().toSorted((a, b) => a - b)).toEqual((await readMigrations()).map(({ version }) => version));
      expect(await migrate(store())).toEqual([]);
    });

    test('a failing migration leaves nothing of itself', async () => {
      const known = await readMigrations();
      const version = known.length + 1;
      const broken = [
        ...known,
        { version, name: 'broken.sql', statements: ['create table half_way (id int)', 'create nonsense'] },
      ];
      await expect(migrate(store(), broken)).rejects.toThrow(/syntax/);
      const { rows } = await sql<{ found: boolean }>`select to_regclass('half_way') is not null as found`.execute(
        store().db,
      );
      expect(rows).toEqual([{ found: false }]);
      expect(await migrate(store())).toEqual([]);
    });

    test('a database newer than the program is refused with both versions', async () => {
      await expect(migrate(store(), [])).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringMatching(/version [1-9].*up to 0/),
      });
    });
  });

  describe('transactions', () => {
    test('a statement from outside is no part of an open transaction', async () => {
      const failure = new Error('undo');
      let outside: Promise<unknown> = Promise.resolve();
      await expect(
        store().transaction(async (transaction) => {
          await createTenants(transaction).create('rolled back', NOW);
          outside = createTenants(store().db).create('kept', NOW);
          await sql`select 1`.execute(transaction);
          throw failure;
        }),
      ).rejects.toBe(failure);
      await outside;
      const tenants = createTenants(store().db);
      expect(await tenants.getByName('rolled back')).toBeUndefined();
      expect(await tenants.getByName('kept')).toMatchObject({ name: 'kept' });
    });

    test('a hundred at once lose no update', async () => {
      await createJobState(store().db).put('counter', 0, NOW);
      const increment = () =>
        store().transaction(async (transaction) => {
          const { rows } = await sql<{ value: number }>`select value from job_state where name = 'counter'
            for update`.execute(transaction);
          await createJobState(transaction).put('counter', (rows[0]?.value ?? 0) + 1, NOW);
        });
      await Promise.all(Array.from({ length: 100 }, increment));
      expect(await createJobState(store().db).get('counter')).toBe(100);
    });
  });

  describe('lost races', () => {
    const losing = (times: number) => {
      let attempts = 0;
      return store().transaction(async (transaction) => {
        attempts += 1;
        if (attempts <= times) await sql.raw(`do $$ begin raise sqlstate '40001'; end $$`).execute(transaction);
        return attempts;
      });
    };

    test('are tried again, so often and no more', async () => {
      expect(await losing(TRANSACTION_ATTEMPTS_MAX - 1)).toBe(TRANSACTION_ATTEMPTS_MAX);
      await expect(losing(TRANSACTION_ATTEMPTS_MAX)).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });

  describe('errors', () => {
    test.each([
      ['a malformed UUID', `select 'x'::uuid`, 'invalid_request'],
      ['a number out of range', `select 99999999999::int4`, 'invalid_request'],
      ['a lost race', `do $$ begin raise sqlstate '40001'; end $$`, 'store_unavailable'],
      ['a full disk', `do $$ begin raise sqlstate '53100'; end $$`, 'store_full'],
      ['a cancelled statement', `do $$ begin raise sqlstate '57014'; end $$`, 'query_timeout'],
      ['too many connections', `do $$ begin raise sqlstate '53300'; end $$`, 'store_unavailable'],
    ])('%s has a code of ours', async (_, statement, code) => {
      await expect(sql.raw(statement).execute(store().db)).rejects.toMatchObject({ name: 'AppError', code });
    });

    test('a NUL in a bound text has a code of ours', async () => {
      const selecting = sql`select ${'a\u0000b'}::text`.execute(store().db);
      await expect(selecting).rejects.toMatchObject({ name: 'AppError', code: 'invalid_request' });
    });

    test('bad SQL of our own is a defect, not an answer', async () => {
      await expect(sql`select nothing_here`.execute(store().db)).rejects.not.toMatchObject({ name: 'AppError' });
    });
  });
}
