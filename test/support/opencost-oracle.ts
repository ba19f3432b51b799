import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import type { z } from 'zod';

const FOLDER = new URL('../../../shared/fixtures/oracle-opencost/', import.meta.url);

/** Whether OpenCost's own tables are at hand. They are not part of the repository. */
export const hasOracle: boolean = existsSync(FOLDER);

/** What to call tests that need them, so that a run which skips them says so. */
export const ORACLE = 'OpenCost’s own table (needs ../shared/fixtures)';

/** Tests against one of the tables; one skipped test where it is not at hand. */
export function describeOracle(table: string, tests: () => void): void {
  if (hasOracle) describe(`${ORACLE}: ${table}`, tests);
  else test.skip(`${ORACLE}: ${table}`, tests);
}

/** One of the tables. */
export function readOracle<T extends z.ZodType>(table: string, shape: T): z.infer<T> {
  return shape.parse(JSON.parse(readFileSync(new URL(`${table}.json`, FOLDER), 'utf8')));
}
