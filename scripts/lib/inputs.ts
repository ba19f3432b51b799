import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './run.ts';

const IGNORED_FOLDERS = new Set(['node_modules', 'dist', '.git', '.node']);

/** All files under these files and folders of the repository, as sorted absolute paths. */
export async function filesUnder(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const visit = async (path: string): Promise<void> => {
    const kind = await stat(path);
    if (kind.isFile()) found.push(path);
    if (!kind.isDirectory()) return;
    for (const name of await readdir(path)) if (!IGNORED_FOLDERS.has(name)) await visit(join(path, name));
  };
  for (const path of paths) await visit(join(ROOT, path));
  return found.sort();
}

/** One digest of the names and contents of files: equal digests mean that nothing has changed. */
export async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(file);
    hash.update(`${relative(ROOT, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Runs `work` unless it was last done for the same inputs; whether it ran. The digest is kept in `stampFile`. */
export async function unlessUnchanged(
  stampFile: string,
  inputs: readonly string[],
  work: () => Promise<void>,
): Promise<boolean> {
  const digest = await digestOf(await filesUnder(inputs));
  const file = join(ROOT, stampFile);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() === digest) return false;
  await work();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${digest}\n`);
  return true;
}
