import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/engine.ts';
import { createLogger } from '../../src/lib/log.ts';
import { createClickHouse, createDatabase } from '../../src/store/columnar/clickhouse.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { migrateColumnar } from '../../src/store/columnar/migrate.ts';

/** An embedded engine of its own, with our tables and nothing in them. */
export interface BenchEngine {
  readonly columnar: Columnar;
  /** Sends an `INSERT … FORMAT …` and its data as any ClickHouse client would. */
  insert(query: string, data: string): Promise<void>;
  close(): Promise<void>;
}

const DATABASE = 'bench';

export async function openBenchEngine(): Promise<BenchEngine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-bench-'));
  const engine = await startEngine({ dataDir, log: createLogger({ level: 'warn' }) });
  const { url, user, password } = engine;
  const options = { url, user, password, database: DATABASE };
  await createDatabase(options);
  const columnar = createClickHouse(options);
  await migrateColumnar(columnar);
  return {
    columnar,
    async insert(query, body) {
      const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password };
      const target = new URL(`?${new URLSearchParams({ query, database: DATABASE }).toString()}`, url);
      const reply = await fetch(target, { method: 'POST', body, headers });
      const text = await reply.text();
      if (!reply.ok) throw new Error(text);
    },
    async close() {
      await columnar.close();
      await engine.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
