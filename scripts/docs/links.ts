import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesUnder } from '../lib/inputs.ts';
import { ROOT } from '../lib/run.ts';

const LINK = /(?<!!)\[[^\]]*\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g;
const LINKS_MIN = 10;

/** Links of our pages to files that are not there: `page → target`. Pictures are not looked at. */
export async function brokenLinks(): Promise<string[]> {
  const pages = (await filesUnder(['docs', 'README.md', 'CONTRIBUTING.md'])).filter((file) => file.endsWith('.md'));
  const links = pages.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(LINK)].map(([, target = '']) => ({ file, target })),
  );
  if (links.length < LINKS_MIN) throw new Error(`the check sees ${links.length} links only`);
  const broken = links.filter(({ file, target }) => !existsSync(join(dirname(file), target)));
  return broken.map(({ file, target }) => `${relative(ROOT, file)} → ${target}`);
}
