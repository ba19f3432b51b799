import { settingOfKey } from './settings.ts';

/** One value that somebody wrote, and where: `kubetally.yml:12` or `environment KUBETALLY_HTTP_PORT`. */
export interface Entry {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: string;
}

/** What one place says; later layers win over earlier ones. */
export type Layer = readonly Entry[];

export interface Merged {
  /** A tree without prototypes, so that no key of a file can reach one. */
  readonly tree: Tree;
  /** Dotted key → where its value came from. */
  readonly origins: ReadonlyMap<string, string>;
}

export interface Tree {
  [key: string]: unknown;
}

/**
 * Lays the layers over each other, key by key. A layer that chooses another engine for a section discards what the
 * layers below said of that section: `DATABASE_URL` does not have to fit the file's embedded engine.
 */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const tree = emptyTree();
  const origins = new Map<string, string>();
  for (const layer of layers) {
    for (const entry of layer) if (isEngine(entry)) discardOtherEngine(tree, origins, entry);
    for (const entry of layer) {
      put(tree, entry.path, entry.value);
      origins.set(entry.path.join('.'), entry.origin);
    }
  }
  return { tree, origins };
}

function isEngine(entry: Entry): boolean {
  return entry.path.length === 2 && entry.path[1] === 'engine';
}

function discardOtherEngine(tree: Tree, origins: Map<string, string>, entry: Entry): void {
  const [section = ''] = entry.path;
  const current = tree[section];
  if (!isTree(current)) return;
  const engine = current['engine'] ?? settingOfKey(`${section}.engine`)?.standard;
  if (engine === entry.value) return;
  delete tree[section];
  for (const key of origins.keys()) if (key.startsWith(`${section}.`)) origins.delete(key);
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  tree[head] ??= emptyTree();
  const child = tree[head];
  if (isTree(child)) put(child, rest, value); // otherwise a value stands where a section belongs: the schema says so
}

/** The leaves of a parsed file or of overrides. `null` (a key with nothing after it) says nothing. */
export function entriesOf(value: unknown, originOf: (path: readonly string[]) => string): Entry[] {
  const entries: Entry[] = [];
  const visit = (node: unknown, path: readonly string[]): void => {
    if (node === null || node === undefined) return;
    if (isTree(node)) for (const [key, child] of Object.entries(node)) visit(child, [...path, key]);
    else entries.push({ path, value: node, origin: originOf(path) });
  };
  visit(value, []);
  return entries;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function emptyTree(): Tree {
  const tree: Tree = Object.create(null);
  return tree;
}
