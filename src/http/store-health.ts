import { type Clock, SECOND_MS } from '../lib/clock.ts';
import type { Probe, Probes } from './dependencies.ts';

/** Whether each store answers. Asking is free: probes are open to everybody, so their answers are shared for a moment. */
export interface StoreHealth {
  columnar: boolean;
  relational: boolean;
  cache: boolean;
}

const FRESH_MS = SECOND_MS;
const PING_TIMEOUT_MS = 2 * SECOND_MS;

export function createStoreHealth(probes: Probes, clock: Clock): () => Promise<StoreHealth> {
  let asked: { at: number; health: Promise<StoreHealth> } | null = null;
  return () => {
    const now = clock.now();
    if (asked === null || now - asked.at >= FRESH_MS || now < asked.at) asked = { at: now, health: pingAll(probes) };
    return asked.health;
  };
}

async function pingAll(probes: Probes): Promise<StoreHealth> {
  const [columnar, relational, cache] = await Promise.all(
    [probes.columnar, probes.relational, probes.cache].map((probe) => answers(probe)),
  );
  return { columnar: columnar === true, relational: relational === true, cache: cache === true };
}

async function answers(probe: Probe): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe.ping(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
