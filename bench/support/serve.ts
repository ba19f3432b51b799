import { openApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { BenchEngine } from './engine.ts';
import { type KeptLedger, surroundings } from './ledger.ts';

/** A server of the ledger's data folder on the engine that is open already, so that both are asked in turn. */
export async function serveOn(engine: BenchEngine, { dataDir }: Pick<KeptLedger, 'dataDir'>) {
  const columnar = { engine: 'clickhouse', ...engine.connection } as const;
  const config = ConfigSchema.parse({ dataDir, http: { host: '127.0.0.1', port: 0 }, columnar });
  const app = await openApp(config, surroundings);
  return { url: app.url, [Symbol.asyncDispose]: () => app.close() };
}
