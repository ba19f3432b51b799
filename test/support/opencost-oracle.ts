import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';

const FOLDER = new URL('../../../shared/fixtures/oracle-opencost/', import.meta.url);

/** Whether OpenCost's own tables are at hand. They are not part of the repository: where they are not, their tests are skipped. */
export const hasOracle: boolean = existsSync(FOLDER);

/** What to call a test that needs them, so that a run which skips it says so. */
export const ORACLE = 'OpenCost’s own table (needs ../shared/fixtures)';

/** One of the tables. */
export function readOracle<T extends z.ZodType>(name: string, shape: T): z.infer<T> {
  return shape.parse(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')));
}
