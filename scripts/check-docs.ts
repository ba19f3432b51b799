import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { apiPage } from './docs/api-page.ts';
import { cliPage } from './docs/cli-page.ts';
import { configPage } from './docs/config-page.ts';
import { decisionsPage } from './docs/decisions-page.ts';
import { brokenLinks } from './docs/links.ts';
import { ROOT } from './lib/run.ts';

/** Makes the pages that follow from the sources and fails where one in docs/ differs; with `--write` it writes them. */
const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/config.md': configPage,
  'docs/reference/cli.md': cliPage,
  'docs/reference/api.md': apiPage,
  'docs/decisions/README.md': decisionsPage,
};
const LINES_MIN = 10; // a page of nothing must not pass

const isWriting = process.argv.includes('--write');
const stale: string[] = [];
for (const [name, make] of Object.entries(PAGES)) {
  const text = make();
  if (text.split('\n').length < LINES_MIN) throw new Error(`${name} would have fewer than ${LINES_MIN} lines`);
  const file = join(ROOT, name);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known === text) continue;
  stale.push(name);
  if (!isWriting) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

const broken = await brokenLinks();
if (broken.length > 0) {
  console.error(`links that lead nowhere: ${broken.join(', ')}`);
  process.exitCode = 1;
}
if (stale.length === 0) console.log('docs are up to date');
else if (isWriting) console.log(`written: ${stale.join(', ')}`);
else {
  console.error(`not as the sources say: ${stale.join(', ')}; make docs writes them`);
  process.exitCode = 1;
}
