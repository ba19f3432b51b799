import { readFileSync } from 'node:fs';

/** One of this folder's SQL files, by name. */
export function benchSql(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
}
