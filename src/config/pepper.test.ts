import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from './load.ts';
import { openPepper } from './pepper.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kubetally-pepper-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('the configured pepper is used, and nothing is written', async () => {
  expect(await openPepper(parseConfig({ dataDir, keys: { pepper: 'sixteen-or-longer' } }))).toBe('sixteen-or-longer');
  expect(readdirSync(dataDir)).toEqual([]);
});

test('a made pepper stays the same, and only its owner can read it', async () => {
  const config = parseConfig({ dataDir: join(dataDir, 'deep/data') });
  const first = await openPepper(config);
  expect(first.length).toBeGreaterThanOrEqual(43);
  expect(await openPepper(config)).toBe(first);
  expect(statSync(join(config.dataDir, 'pepper')).mode & 0o777).toBe(0o600);
});

test('processes that make it at once all get the same, and leave nothing else behind', async () => {
  const config = parseConfig({ dataDir });
  const peppers = await Promise.all(Array.from({ length: 20 }, () => openPepper(config)));
  expect(new Set(peppers).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(['pepper']);
});

test('an empty pepper is refused: a new one would make every key invalid', async () => {
  writeFileSync(join(dataDir, 'pepper'), '\n');
  await expect(openPepper(parseConfig({ dataDir }))).rejects.toThrow(/restore it from a backup/);
});
