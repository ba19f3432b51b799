import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consolePrincipal } from './access/principal.ts';
import { openAdministration } from './app.ts';
import { parseConfig } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { createLogger } from './lib/log.ts';

const surroundings = { clock: systemClock, log: createLogger({ level: 'silent' }) };

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kubetally-app-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('tenants and keys outlive the process that made them, and a folder has one owner at a time', async () => {
  const config = parseConfig({ dataDir });
  const first = await openAdministration(config, surroundings);
  const { tenant, key } = await first.tenants.initialise({ tenantName: 'default' });
  await expect(openAdministration(config, surroundings)).rejects.toMatchObject({ code: 'conflict' });
  await first.close();

  const second = await openAdministration(config, surroundings);
  const found = await second.findTenant('default');
  expect(found?.id).toBe(tenant.id);
  const listed = await second.keys.list(consolePrincipal(tenant.id), { limit: 10 });
  expect(listed.map(({ keyId }) => keyId)).toEqual([key.keyId]);
  await second.close();
  expect(readdirSync(dataDir).sort()).toEqual(['pepper', 'relational']);
});
