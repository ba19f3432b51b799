import { type Dialect, Kysely, sql } from 'kysely';
import { isLostRace, unavailable } from './errors.ts';
import { type Relational, type RelationalCapabilities, TRANSACTION_ATTEMPTS_MAX } from './relational.ts';
import type { Schema } from './schema.ts';

/** What both engines share: everything but the dialect. */
export function openRelational(dialect: Dialect, capabilities: RelationalCapabilities): Relational {
  const db = new Kysely<Schema>({ dialect });
  let closed: Promise<void> | undefined;
  return {
    db,
    capabilities,
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await db.transaction().execute(work);
        } catch (error) {
          if (!isLostRace(error) || attempt === TRANSACTION_ATTEMPTS_MAX) throw error;
        }
      }
    },
    async ping() {
      try {
        await sql`select 1`.execute(db);
        return true;
      } catch {
        return false;
      }
    },
    close() {
      closed ??= db.destroy().catch((error: unknown) => {
        throw unavailable(error);
      });
      return closed;
    },
  };
}
