import { type Dialect, PostgresAdapter, PostgresDriver, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { type CustomTypesConfig, Pool, types } from 'pg';
import { SECOND_MS } from '../../lib/clock.ts';
import { GuardedDriver } from './guarded-driver.ts';
import { openRelational } from './open.ts';
import { ENGINES, type Relational } from './relational.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly connectionsMax?: number;
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

const STATEMENT_TIMEOUT_MS = 10 * SECOND_MS;
const CONNECT_TIMEOUT_MS = 5 * SECOND_MS;

/**
 * A PostgreSQL server (15 or newer). Opens no connection yet: a server that is away shows at the first statement, as
 * `store_unavailable`, and is found again by itself when it is back.
 */
export function openPostgres(options: PostgresOptions): Relational {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const connectionsMax = options.connectionsMax ?? ENGINES.postgres.connectionsMax;
  const pool = new Pool({
    connectionString: options.url,
    application_name: 'kubetally',
    max: connectionsMax,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    lock_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
    query_timeout: 2 * statementTimeoutMs, // for a server that went silent: the limits above are the server's own
    keepAlive: true,
    types: { getTypeParser },
  });
  // A connection that breaks fails its statement and is replaced. It also emits `error`, on the pool while it is idle and
  // on itself while it is in use, and either without a listener would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return openRelational(dialect(pool), { ...ENGINES.postgres, connectionsMax });
}

/** What `pg` would leave as text, by the type's number in the catalogue: `int8`. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map([[20, BigInt]]);

const getTypeParser: CustomTypesConfig['getTypeParser'] = (oid, format) =>
  PARSERS.get(oid) ?? types.getTypeParser(oid, format);

function dialect(pool: Pool): Dialect {
  return {
    createDriver: () => new GuardedDriver(new PostgresDriver({ pool })),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}
