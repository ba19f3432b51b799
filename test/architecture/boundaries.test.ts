import { readFileSync } from 'node:fs';
import { extname, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder } from '../../scripts/lib/inputs.ts';
import { ROOT } from '../../scripts/lib/run.ts';
import { importsOf } from '../../scripts/lib/source-text.ts';
import {
  isTest,
  MAY_IMPORT,
  PACKAGE_ROOMS,
  ROOTS,
  roomOf,
  type SourceFile,
  wrongImports,
  wrongWords,
} from './rules.ts';

const files: readonly SourceFile[] = (await filesUnder(['src']))
  .filter((file) => extname(file) === '.ts')
  .map((file) => ({ path: relative(ROOT, file), text: readFileSync(file, 'utf8') }));

describe('the sources', () => {
  test('every room imports only what it may', () => {
    expect(files.flatMap(wrongImports)).toEqual([]);
  });

  test('the environment is read in config, the console written in cli, the time asked of a clock, and exports have names', () => {
    expect(files.flatMap(wrongWords)).toEqual([]);
  });

  test('file names are kebab-case', () => {
    expect(files.filter(({ path }) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([]);
  });
});

describe('the scan', () => {
  test('sees the repository', () => {
    const sources = files.filter(({ path }) => !isTest(path));
    expect(sources.length).toBeGreaterThan(120);
    expect(sources.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(300);
  });

  test('knows every room, and only rooms that there are', () => {
    const sources = files.filter(({ path }) => !isTest(path));
    const rooms = new Set(
      sources.map(({ path }) => roomOf(path)).filter((room) => room !== undefined && !ROOTS.has(room)),
    );
    expect(rooms).toEqual(new Set(Object.keys(MAY_IMPORT)));
  });

  test('sees every driver in the room that owns it', () => {
    const imported = new Set(files.flatMap(({ text }) => importsOf(text)));
    const unseen = Object.keys(PACKAGE_ROOMS).filter(
      (name) => ![...imported].some((one) => one === name || one.startsWith(`${name}/`)),
    );
    expect(unseen).toEqual([]);
  });
});

describe('each rule can fail', () => {
  test.each([
    ['src/core/x.ts', "import { a } from '../store/b.ts';"],
    ['src/core/x.ts', "import type { a } from '../store/b.ts';"],
    ['src/core/x.ts', "import {\n  a,\n  b,\n} from '../http/b.ts';"],
    ['src/core/x.ts', "export { a } from '../http/b.ts';"],
    ['src/core/x.ts', "export * from '../http/b.ts';"],
    ['src/core/x.ts', "import '../http/b.ts';"],
    ['src/core/x.ts', "const b = await import('../http/b.ts');"],
    ['src/lib/deep/x.ts', "import { a } from '../../core/b.ts';"],
    ['src/lib/x.ts', "import { a } from '../app.ts';"],
    ['src/lib/x.ts', "import { a } from '../../test/support/b.ts';"],
    ['src/http/x.ts', "import { Pool } from 'pg';"],
    ['src/http/x.ts', "import { a } from '@clickhouse/client/dist/b.js';"],
    ['src/cli/x.ts', "import type { FastifyInstance } from 'fastify';"],
    ['src/newroom/x.ts', "import { a } from '../lib/b.ts';"],
  ])('%s refuses %s', (path, text) => {
    expect(wrongImports({ path, text })).toHaveLength(1);
  });

  test.each([
    ['src/http/x.ts', 'const port = process.env.PORT;'],
    ['src/http/x.ts', "const port = process.env['PORT'];"],
    ['src/http/x.ts', 'console.log(1);'],
    ['src/http/x.ts', 'const at = Date.now();'],
    ['src/http/x.ts', 'const at = new Date();'],
    ['src/http/x.ts', 'export default {};'],
    ['src/http/x.ts', "export * from './y.ts';"],
  ])('%s refuses the words %s', (path, text) => {
    expect(wrongWords({ path, text })).toHaveLength(1);
  });

  test.each([
    ['src/core/x.ts', "// import { a } from '../http/b.ts';"],
    ['src/core/x.ts', "/* import { a } from '../http/b.ts'; */"],
    ['src/core/x.ts', "import { a } from './b.ts';\nimport { c } from '../lib/c.ts';\nimport { z } from 'zod';"],
    ['src/app.ts', "import { a } from './http/b.ts';\nimport { Pool } from 'pg';"],
    ['src/core/x.test.ts', "import { a } from '../http/b.ts';"],
    ['src/config/x.ts', 'const e = process.env;'],
    ['src/cli/x.ts', 'console.log(1);'],
    ['src/http/x.ts', "const text = 'process.env and console.log';\nconst at = new Date(0);"],
  ])('%s may say %s', (path, text) => {
    expect([...wrongImports({ path, text }), ...wrongWords({ path, text })]).toEqual([]);
  });
});
