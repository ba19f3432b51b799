import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/run.ts';
import { page } from './markdown.ts';

const FOLDER = join(ROOT, 'docs/decisions');
const INTRODUCTION = `What could have been done otherwise, and why it was not: about ten lines each, with what was measured. A decision that is
overtaken stays, and says by which.`;

/** docs/decisions/README.md: the decisions by number, with the titles they give themselves. */
export function decisionsPage(): string {
  const names = readdirSync(FOLDER).filter((name) => /^\d{4}-.*\.md$/.test(name));
  const lines = names.sort().map((name) => `- [${titleOf(name)}](${name})`);
  return page('Decisions', [INTRODUCTION, lines.join('\n')]);
}

function titleOf(name: string): string {
  const expected = Number(name.slice(0, 4));
  const [, number, title] = /^# (\d+)\. (.+)$/m.exec(readFileSync(join(FOLDER, name), 'utf8')) ?? [];
  if (Number(number) !== expected) throw new Error(`docs/decisions/${name} must start with "# ${expected}. …"`);
  return `${number}. ${title}`;
}
