import { AppError } from '../../lib/errors.ts';
import { holdsFence, type Lease } from './leases.ts';
import { type Database, inTransaction } from './relational.ts';

/** Small facts that jobs keep between runs: watermarks, cursors. Values are JSON. */
export interface JobState {
  get(name: string): Promise<unknown>;
  /**
   * Replaces the value. With a lease, throws `conflict` and writes nothing when another has taken the lease over: what an
   * overtaken holder believes is out of date.
   */
  put(name: string, value: unknown, at: number, lease?: Lease): Promise<void>;
}

export const JOB_STATE_BYTES_MAX = 1_000_000;

export function createJobState(db: Database): JobState {
  return {
    async get(name) {
      const row = await db.selectFrom('job_state').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value;
    },
    async put(name, value, at, lease) {
      const text = asText(name, value);
      await inTransaction(db, async (transaction) => {
        if (lease && !(await holdsFence(transaction, lease))) {
          throw new AppError('conflict', `cannot write state "${name}": lease "${lease.name}" was taken over`);
        }
        const row = { name, value: text, updated_at: new Date(at) };
        await transaction
          .insertInto('job_state')
          .values(row)
          .onConflict((on) => on.column('name').doUpdateSet({ value: row.value, updated_at: row.updated_at }))
          .execute();
      });
    },
  };
}

function asText(name: string, value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > JOB_STATE_BYTES_MAX) {
    throw new RangeError(
      `state "${name}" has ${text?.length ?? 'no'} characters of JSON; at most ${JOB_STATE_BYTES_MAX}`,
    );
  }
  return text;
}
