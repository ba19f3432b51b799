import { codeOnly, importsOf } from '../../scripts/lib/source-text.ts';

/** A source file as the rules see it. */
export interface SourceFile {
  /** From the repository's root: `src/http/server.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Which rooms of src/ a room may import, beside itself. docs/… and CONTRIBUTING.md say why. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  contracts: [],
  core: ['lib'],
  config: ['lib', 'core'],
  sources: ['lib', 'core', 'contracts'],
  store: ['lib', 'core'],
  engine: ['lib'],
  intake: ['lib', 'core', 'store'],
  access: ['lib', 'core', 'store'],
  ledger: ['lib', 'core', 'contracts', 'store'],
  queries: ['lib', 'core', 'contracts', 'store'],
  jobs: ['lib', 'core', 'ledger', 'queries', 'sources', 'store'],
  http: ['lib', 'core', 'contracts', 'config', 'queries', 'sources', 'intake', 'access', 'store'],
  cli: ['lib', 'core', 'contracts', 'config', 'queries', 'sources', 'access', 'client', 'store', 'demo'],
  demo: ['lib', 'core', 'access', 'sim', 'sources'],
  client: ['contracts'],
  collector: ['lib', 'core', 'contracts', 'config', 'sources'],
  sim: ['lib', 'core'],
};

/** Packages that only some rooms may know: drivers above all. */
export const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  '@clickhouse/client': ['store'],
  '@electric-sql/pglite': ['store'],
  kysely: ['store'],
  pg: ['store'],
  ioredis: ['store'],
  chdb: ['engine'],
  fastify: ['http'],
  '@kubernetes/client-node': ['sources'],
  '@modelcontextprotocol/sdk': ['http'],
  'temporal-polyfill': ['core'],
  commander: ['cli'],
  picocolors: ['cli'],
  pino: ['lib'],
  '@prometheus-io/client': ['lib'],
  yaml: ['config', 'cli'],
};

/** The composition root, which knows everything. */
export const ROOTS = new Set(['app', 'main', 'stores', 'pulls']);

export function roomOf(path: string): string | undefined {
  return /^src\/(?:([\w-]+)\/|([\w-]+)\.ts$)/
    .exec(path)
    ?.slice(1)
    .find((part) => part !== undefined);
}

export const isTest = (path: string): boolean => /\.(test|conformance)\.tsx?$/.test(path) || path.startsWith('test/');

/** Imports of rooms and packages that the file's room may not know. */
export function wrongImports({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined || ROOTS.has(room) || isTest(path)) return [];
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) return [`${path}: the room ${room} is not in the table`];
  return importsOf(text).flatMap((specifier) => {
    const rooms = specifier.startsWith('.') ? undefined : PACKAGE_ROOMS[packageOf(specifier)];
    if (rooms !== undefined) return rooms.includes(room) ? [] : [`${path}: ${room} may not import ${specifier}`];
    const target = specifier.startsWith('.') ? roomOf(resolveFrom(path, specifier)) : room;
    if (target === room || (target !== undefined && allowed.includes(target))) return [];
    return [`${path}: ${room} may not import ${specifier}`];
  });
}

/** Words that are for some rooms alone; an empty list is for none. */
const WORD_ROOMS: readonly { pattern: RegExp; rooms: readonly string[]; why: string }[] = [
  { pattern: /\bprocess\s*\.\s*env\b/, rooms: ['config'], why: 'process.env is for config' },
  { pattern: /\bconsole\s*\./, rooms: ['cli', 'main'], why: 'console is for cli' },
  { pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)/, rooms: ['lib'], why: 'the time comes from a Clock' },
  { pattern: /\bexport\s+default\b/, rooms: [], why: 'a default export has no name' },
  { pattern: /\bexport\s+\*/, rooms: [], why: 'export * hides what a module offers' },
];

/** A program of its own, which reads what its parent passes. */
const CHILD_PROGRAM = 'src/engine/child/';

export function wrongWords({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined || isTest(path) || path.startsWith(CHILD_PROGRAM)) return [];
  const code = codeOnly(text);
  const wrong = WORD_ROOMS.filter(({ pattern, rooms }) => !rooms.includes(room) && pattern.test(code));
  return wrong.map(({ why }) => `${path}: ${why}`);
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function resolveFrom(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}
