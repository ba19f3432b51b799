import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/engine.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { startEngine } from '../engine/engine.ts';
import { systemClock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { createIntake } from './group-commit.ts';

const KILLS = 3;
const SENDERS = 20;
const log = createLogger({ level: 'silent' });

/** Posts under numbers of its own until told to stop; keeps those that were acknowledged, and the codes of the refusals. */
async function send(post: (pod: string) => Promise<void>, until: AbortSignal) {
  const acknowledged: string[] = [];
  const refusals = new Set<string>();
  while (!until.aborted) {
    const pod = randomUUID();
    try {
      await post(pod);
      acknowledged.push(pod);
    } catch (error) {
      refusals.add(error instanceof AppError ? error.code : String(error));
      await new Promise((resume) => setTimeout(resume, 5)); // as a sender would, though much shorter
    }
  }
  return { acknowledged, refusals };
}

test('nothing that was acknowledged is lost when the engine is killed, and what was not is refused as retryable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-durability-'));
  const engine = await startEngine({ dataDir: folder, log });
  const { url, user, password } = engine;
  const { columnar, close } = await testDatabase({ url, user, password });
  const intake = createIntake({ columnar, clock: systemClock, log, limits: { groupDelayMs: 5 } });
  const target = { tenant: randomUUID(), cluster: randomUUID() };
  const post = (pod: string) =>
    intake.accept(target, { source: 'agent', containers: [containerSample({ pod })], nodes: [nodeSample()] });
  const acknowledgedPods = async () => {
    const sql = 'SELECT DISTINCT pod FROM container_samples WHERE cluster = {cluster:UUID}';
    return new Set(
      (await columnar.rows<{ pod: string }>({ sql, params: { cluster: target.cluster } })).map(({ pod }) => pod),
    );
  };
  try {
    const stop = new AbortController();
    const sending = Promise.all(Array.from({ length: SENDERS }, () => send(post, stop.signal)));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await post(`before-${kill}`);
      if (engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
      await waitFor(() => engine.restarts > kill && engine.state === 'ready', {
        timeoutMs: 30_000,
        what: 'the restart',
      });
    }
    await post('after');
    stop.abort();
    const results = await sending;
    const acknowledged = results.flatMap((result) => result.acknowledged);
    const refusals = new Set(results.flatMap((result) => [...result.refusals]));
    const kept = await acknowledgedPods();
    expect(acknowledged.filter((pod) => !kept.has(pod))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(SENDERS);
    expect([...refusals]).toEqual(['store_unavailable']);
  } finally {
    await intake.close();
    await close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
