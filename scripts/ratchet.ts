import { readFile, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { z } from 'zod';
import { countDebts, DEBTS, type Debts, total } from './lib/debts.ts';
import { filesUnder } from './lib/inputs.ts';
import { ROOT } from './lib/run.ts';

/**
 * What we would rather not have may only become less. Fails when a count is above its baseline in ratchet.json; a count
 * that fell becomes the new baseline with `--write`.
 */
const BASELINE_FILE = join(ROOT, 'scripts/ratchet.json');
const FOLDERS = ['src', 'scripts', 'bench', 'test', 'web/src'];
const FILES_MIN = 100;

const Baseline = z.record(z.string(), z.number());

async function count(): Promise<Debts> {
  const files = (await filesUnder(FOLDERS)).filter((file) => ['.ts', '.tsx'].includes(extname(file)));
  if (files.length < FILES_MIN) throw new Error(`the ratchet sees ${files.length} files only`);
  const each = await Promise.all(
    files.map(async (file) => countDebts(relative(ROOT, file), await readFile(file, 'utf8'))),
  );
  return total(each);
}

const counts = await count();
const baseline = Baseline.parse(JSON.parse(await readFile(BASELINE_FILE, 'utf8').catch(() => '{}')));
const isWriting = process.argv.includes('--write');
const above = DEBTS.filter((debt) => counts[debt] > (baseline[debt] ?? 0));
if (isWriting) {
  await writeFile(BASELINE_FILE, `${JSON.stringify(counts, null, 2)}\n`);
  console.log(`ratchet.json written: ${DEBTS.map((debt) => `${debt} ${counts[debt]}`).join(', ')}`);
} else if (above.length > 0) {
  const lines = above.map((debt) => `${debt}: ${counts[debt]}, at most ${baseline[debt] ?? 0} (scripts/ratchet.json)`);
  console.error(lines.join('\n'));
  process.exitCode = 1;
} else {
  const lower = DEBTS.filter((debt) => counts[debt] < (baseline[debt] ?? 0));
  const hint = lower.length > 0 ? `; ${lower.join(', ')} fell: node scripts/ratchet.ts --write` : '';
  console.log(`ratchet holds${hint}`);
}
