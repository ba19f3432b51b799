import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/engine.ts';
import { createLogger } from '../../src/lib/log.ts';
import { type ClickHouseOptions, createClickHouse, createDatabase } from '../../src/store/columnar/clickhouse.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { migrateColumnar } from '../../src/store/columnar/migrate.ts';

/** An embedded engine of its own, with our tables. */
export interface BenchEngine {
  readonly columnar: Columnar;
  readonly connection: ClickHouseOptions;
  /** Sends a statement, and data where it is an `INSERT … FORMAT …`, as any ClickHouse client would; returns the reply's text. */
  send(query: string, data?: string): Promise<string>;
  /** Asks and counts the bytes of the reply. */
  download(query: string): Promise<number>;
  close(): Promise<void>;
}

/** As the product names it, so that a server finds what a bench has written. */
const DATABASE = 'kubetally';

/** An empty engine in a folder that is gone when it is closed, or the one whose data is in `dataDir`. */
export async function openBenchEngine(dataDir?: string): Promise<BenchEngine> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'kubetally-bench-')));
  const engine = await startEngine({ dataDir: folder, log: createLogger({ level: 'warn' }) });
  const { url, user, password } = engine;
  const connection = { url, user, password, database: DATABASE };
  await createDatabase(connection);
  const columnar = createClickHouse(connection);
  await migrateColumnar(columnar);
  const post = async (query: string, body: string): Promise<Response> => {
    const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password };
    const target = new URL(`?${new URLSearchParams({ query, database: DATABASE }).toString()}`, url);
    const reply = await fetch(target, { method: 'POST', body, headers });
    if (!reply.ok) throw new Error(await reply.text());
    return reply;
  };
  return {
    columnar,
    connection,
    send: async (query, data = '') => (await post(query, data)).text(),
    download: async (query) => (await (await post(query, '')).arrayBuffer()).byteLength,
    async close() {
      await columnar.close();
      await engine.close();
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
