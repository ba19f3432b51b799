import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { allocationOf, anyFilter, hostileProperties, hostileText } from '../../test/support/allocation-properties.ts';
import { emptyDatabase, type TestDatabase } from '../../test/support/engine.ts';
import { type AllocationProperties, sanitizeLabelName } from '../core/allocation-properties.ts';
import { matches } from '../core/filter/matches.ts';
import { parseFilter } from '../core/filter/parser.ts';
import { FILTER_COMPARISONS_MAX, FILTER_DEPTH_MAX } from '../core/filter/problems.ts';
import type { Filter } from '../core/filter/tree.ts';
import { type FilterColumns, filterSql, sanitizedMapSql } from './filter-sql.ts';

const COLUMNS: FilterColumns = {
  cluster: 'r.cluster',
  node: 'r.node',
  namespace: 'r.namespace',
  controllerKind: 'r.controllerKind',
  controller: 'r.controller',
  pod: 'r.pod',
  container: 'r.container',
  providerId: 'r.providerId',
  services: 'r.services',
  labels: 'r.labels',
  annotations: 'r.annotations',
  namespaceLabels: 'r.namespaceLabels',
};
const MAPS = ['labels', 'annotations', 'namespaceLabels'] as const;
const TEXTS = [
  'cluster',
  'node',
  'namespace',
  'controllerKind',
  'controller',
  'pod',
  'container',
  'providerId',
] as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
  const texts = TEXTS.map((name) => `${name} LowCardinality(String)`).join(', ');
  const maps = MAPS.map((name) => `${name} Map(LowCardinality(String), String)`).join(', ');
  await database.columnar.command({
    sql: `CREATE TABLE rows (run UInt32, row UInt32, ${texts}, services Array(LowCardinality(String)), ${maps}) ENGINE = Memory`,
  });
});
afterAll(() => database.close());

let run = 0;

/** Stores allocations as rows of their own run. */
async function store(allocations: readonly AllocationProperties[]): Promise<number> {
  run += 1;
  const params: Record<string, unknown> = {};
  const bind = (value: unknown, type: string) => {
    const name = `v${Object.keys(params).length}`;
    params[name] = value;
    return `{${name}:${type}}`;
  };
  const rows = allocations.map((row, index) => [
    String(run),
    String(index),
    ...TEXTS.map((name) => bind(row[name], 'String')),
    bind(row.services, 'Array(String)'),
    ...MAPS.map((name) => bind(row[name], 'Map(String, String)')),
  ]);
  const sql = rows.map((values) => `SELECT ${values.join(', ')}`).join(' UNION ALL ');
  await database.columnar.command({ sql: `INSERT INTO rows ${sql}`, params });
  return run;
}

async function passing(filter: Filter, of: number, columns = COLUMNS): Promise<number[]> {
  const { sql, params } = filterSql(filter, columns);
  const rows = await database.columnar.rows({
    sql: `SELECT row FROM rows AS r WHERE run = {run:UInt32} AND ${sql} ORDER BY row`,
    params: { ...params, run: of },
    row: z.object({ row: z.number() }),
  });
  return rows.map(({ row }) => row);
}

test('SQL lets through exactly what the filter means, whatever the words', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostileProperties(), { minLength: 1, maxLength: 6 }),
      fc.array(anyFilter(), { minLength: 1, maxLength: 8 }),
      async (allocations, filters) => {
        const stored = await store(allocations);
        for (const filter of filters) {
          const want = allocations.flatMap((row, index) => (matches(filter, row) ? [index] : []));
          expect(await passing(filter, stored)).toEqual(want);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('a filter over maps whose keys the engine sanitises is the filter over sanitised maps', async () => {
  const sanitized = (map: ReadonlyMap<string, string>) =>
    new Map([...map].toReversed().map(([key, value]) => [sanitizeLabelName(key), value]));
  const columns = { ...COLUMNS, labels: sanitizedMapSql('r.labels'), annotations: sanitizedMapSql('r.annotations') };
  await fc.assert(
    fc.asyncProperty(
      hostileProperties(),
      fc.array(anyFilter(), { minLength: 1, maxLength: 4 }),
      async (row, filters) => {
        const stored = await store([row]);
        const want = { ...row, labels: sanitized(row.labels), annotations: sanitized(row.annotations) };
        for (const filter of filters) {
          expect(await passing(filter, stored, columns)).toEqual(matches(filter, want) ? [0] : []);
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test('no word of a caller stands in the text of a statement', () => {
  fc.assert(
    fc.property(anyFilter(), hostileText(), (filter, word) => {
      const marked: Filter = {
        kind: 'and',
        parts: [filter, { kind: 'text', property: 'pod', comparator: 'ends', values: [`§${word}`] }],
      };
      const { sql, params } = filterSql(marked, COLUMNS);
      expect(sql).not.toContain('§');
      expect(sql).toMatch(/^[\w\s(){}:.,[\]=>-]+$/);
      expect(Object.values(params).flat()).toContain(`§${word}`);
    }),
  );
});

test('the longest and the deepest filters that may be asked are answered', async () => {
  const stored = await store([
    allocationOf({ labels: { team: 'v499' } }),
    allocationOf({ annotations: { team: 'x' } }),
  ]);
  const values = Array.from({ length: FILTER_COMPARISONS_MAX }, (_, index) => `"v${index}"`).join(',');
  expect(await passing(parseFilter(`team:${values}`), stored)).toEqual([0]);
  expect(await passing(parseFilter(`team!:${values}`), stored)).toEqual([1]);
  const nest = (depth: number): string => (depth === 0 ? 'team:"x"' : `(pod:"p" | (team:"x" + ${nest(depth - 2)}))`);
  expect(await passing(parseFilter(nest(FILTER_DEPTH_MAX)), stored)).toEqual([1]);
});

test('what a table does not have may be a constant', async () => {
  const none = "CAST(map(), 'Map(String, String)')";
  const columns = { ...COLUMNS, node: "''", services: "CAST([], 'Array(String)')", labels: none, annotations: none };
  const stored = await store([allocationOf({ node: 'n', services: ['s'], labels: { a: 'b' } })]);
  await fc.assert(
    fc.asyncProperty(anyFilter(), async (filter) => {
      const { sql, params } = filterSql(filter, columns, 'p');
      const rows = await database.columnar.rows({
        sql: `SELECT ${sql} AS passes FROM rows AS r WHERE run = {run:UInt32}`,
        params: { ...params, run: stored },
        row: z.object({ passes: z.union([z.boolean(), z.literal([0, 1]).transform((bit) => bit === 1)]) }),
      });
      expect(rows).toEqual([{ passes: matches(filter, allocationOf()) }]);
    }),
    { numRuns: 40 },
  );
}, 30_000);

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');

test('the engine makes names of labels as we do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileText(), { minLength: 1, maxLength: 8 }), async (names) => {
      const unique = [...new Set([...names, ASCII])];
      const rows = await database.columnar.rows({
        sql: `SELECT mapKeys(${sanitizedMapSql('{labels:Map(String, String)}')}) AS keys`,
        params: { labels: new Map(unique.map((name) => [name, 'x'])) },
        row: z.object({ keys: z.array(z.string()) }),
      });
      expect(rows[0]?.keys).toEqual(unique.map(sanitizeLabelName));
    }),
    { numRuns: 40 },
  );
}, 30_000);
