import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consolePrincipal } from '../../src/access/principal.ts';
import { openApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { numberedPost, sendersWindow, statusOf } from '../support/senders.ts';
import { openTenantLab } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

/** Of the engine's own disk. */
const DISK_BYTES = 96 * 2 ** 20;

let dataDir = '';
let disk = '';
let isMounted = false;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kubetally-disk-full-'));
  disk = join(dataDir, 'columnar');
  mkdirSync(disk);
  isMounted = mount(disk);
});
afterEach(() => {
  if (isMounted) execFileSync('umount', ['--lazy', disk]);
  rmSync(dataDir, { recursive: true, force: true });
});

test('on a full disk posts are refused with 503 and questions are answered; with room again posts are taken', async (context) => {
  if (!isMounted) context.skip('a disk of its own takes root and the right to mount');
  const config = parseConfig({
    dataDir,
    http: { host: '127.0.0.1', port: 0 },
    intake: { groupDelayMs: 5 },
    rollup: { intervalMs: 100 },
  });
  const app = await openApp(config, { clock: systemClock, log: createLogger({ level: 'silent' }) });
  try {
    const { tenant } = await app.access.tenants.initialise({ tenantName: 'default' });
    const by = consolePrincipal(tenant.id);
    const issued = await app.access.keys.create(by, { name: 'senders', scopes: ['ingest', 'read'] });
    const sender = { url: app.url, key: `${issued.keyId}:${issued.secret}` };
    expect(await statusOf(sender, numberedPost('east', 0))).toBe(202);
    const after = Date.now();
    await waitFor(() => (app.freshAsOf() ?? 0) > after, { timeoutMs: 30_000, what: 'the ledger’s catching up' });
    const before = await openTenantLab(sender).answers(sendersWindow());

    expect(before.namespaces.total.total).not.toBe('0');
    const filler = join(disk, 'filler');
    fill(filler);
    const statuses = [];
    for (let number = 1; number <= 5; number += 1) statuses.push(await statusOf(sender, numberedPost('east', number)));
    expect(statuses.at(-1)).toBe(503);
    expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([]);
    const full = await openTenantLab(sender).answers(sendersWindow());
    expect(full.namespaces.total.total).not.toBe('0');
    expect(before.namespaces.total.total).not.toBe('0');

    rmSync(filler);
    await waitFor(async () => (await statusOf(sender, numberedPost('east', 9))) === 202, { timeoutMs: 30_000 });
  } finally {
    await app.close();
  }
});

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Takes every byte that is left. */
function fill(file: string): void {
  for (const bytes of [2 ** 20, 2 ** 12, 1]) {
    const chunk = Buffer.alloc(bytes);
    try {
      for (;;) writeFileSync(file, chunk, { flag: 'a' });
    } catch {
      // no room for a chunk of this size
    }
  }
}
