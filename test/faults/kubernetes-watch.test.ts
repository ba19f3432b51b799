import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../src/lib/errors.ts';
import type { KubernetesApiDouble } from '../support/kubernetes-api.ts';
import { chargedMs, type KubernetesLab, openKubernetesLab } from '../support/kubernetes-lab.ts';
import { nodeObject, podObject } from '../support/kubernetes-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const HOUR = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number) => HOUR + seconds * 1_000;
const KINDS = 8;

const running = (uid: string, since: number) =>
  podObject({ uid, name: uid, containers: [{ state: { running: since } }] });
const ended = (uid: string, since: number, until: number) =>
  podObject({ uid, name: uid, phase: 'Succeeded', containers: [{ state: { terminated: [since, until] } }] });

describe('whatever befalls a watch', () => {
  let lab: KubernetesLab;
  beforeEach(async () => {
    lab = await openKubernetesLab(HOUR);
    lab.api.put('nodes', nodeObject('n1'));
    await lab.watching();
    lab.clock.set(at(200));
    lab.api.put('pods', running('before', at(100)));
    await told(lab, 'before', 1);
  });
  afterEach(() => lab.close());

  const FAULTS: Readonly<Record<string, (api: KubernetesApiDouble) => void>> = {
    'connections that break in the middle of a line': (api) => api.breakOff(),
    'watches that the API ends': (api) => api.endWatches(),
    'a version that the API has forgotten (410)': (api) => {
      api.compact();
      api.breakOff();
    },
    'a bookmark, then a break': (api) => {
      api.bookmark();
      api.breakOff();
    },
    'lines that are no events': (api) => api.garble('pods'),
    'a token that was replaced in its file': (api) => {
      api.newToken(true);
      api.breakOff();
    },
    'a server that fails (500)': (api) => {
      api.fail('*', 500, 40);
      api.breakOff();
    },
    'a server that asks for patience (429)': (api) => {
      api.fail('pods', 429, 3);
      api.endWatches();
    },
    'rights that are taken away for a while (403)': (api) => {
      api.fail('pods', 403, 3);
      api.breakOff();
    },
    'an API that has forgotten, and fails while it is listed': (api) => {
      api.compact();
      api.fail('pods', 503, 5);
      api.breakOff();
    },
  };

  test.each(Object.keys(FAULTS))('%s: what happened meanwhile is told, and nothing twice', async (name) => {
    FAULTS[name]?.(lab.api);
    lab.clock.set(at(260));
    lab.api.put('pods', ended('before', at(100), at(250)));
    lab.api.put('pods', ended('meanwhile', at(210), at(240)));
    await told(lab, 'before', 2);
    await told(lab, 'meanwhile', 2);
    await waitFor(() => lab.api.watching() >= KINDS, { what: 'all watches' });
    lab.api.put('pods', running('after', at(255)));
    await told(lab, 'after', 1);

    expect(chargedMs(lab.samplesOf('before'))).toBe(150_000);
    expect(chargedMs(lab.samplesOf('meanwhile'))).toBe(30_000);
    const all = lab.batches.flatMap(({ containers }) => containers.map((one) => `${one.podUid}@${one.at}`));
    expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
    expect(lab.watch.state().initialized).toHaveLength(KINDS);
  });

  test('a token that expires before its file is replaced: the watch goes on once it is', async () => {
    lab.api.newToken(false);
    lab.api.breakOff();
    await waitFor(async () => /watch_failures_total\{resource="pods",reason="401"\} [2-9]/.test(await lab.metrics()));
    lab.api.writeToken();
    lab.api.put('pods', running('after', at(190)));
    await told(lab, 'after', 1);
  });

  test('a pod that vanished unseen ends when it was missed, and is counted', async () => {
    lab.api.vanish('pods', 'before');
    lab.clock.set(at(290));
    lab.api.compact();
    lab.api.breakOff();
    const samples = await told(lab, 'before', 2);
    expect(samples.at(-1)).toMatchObject({ at: at(290), endedAt: at(290) });
    expect(await lab.metrics()).toContain('kubetally_kubernetes_missed_deletions_total{resource="pods"} 1');
  });

  test('a pod that vanished unseen ended before its namesake was made', async () => {
    lab.api.vanish('pods', 'before');
    lab.api.put('pods', podObject({ uid: 'next', name: 'before', createdAt: at(250) }));
    lab.clock.set(at(290));
    lab.api.compact();
    lab.api.breakOff();
    const samples = await told(lab, 'before', 2);
    expect(samples.at(-1)).toMatchObject({ at: at(250), endedAt: at(250) });
  });

  test('heartbeats that were missed while the API was away are told when it is back', async () => {
    lab.api.fail('*', 503, 1_000_000);
    lab.api.breakOff();
    await waitFor(() => lab.api.watching() === 0);
    await waitFor(async () => (await lab.metrics()).includes('resource="nodes",reason="503"'));
    await waitFor(async () => (await lab.metrics()).includes('resource="pods",reason="503"'));
    lab.clock.set(at(1_250));
    const before = lab.batches.length;
    await waitFor(async () => /resource="pods",reason="503"\} [4-9]/.test(await lab.metrics()));
    expect(lab.batches.length).toBe(before);
    lab.api.heal();
    await told(lab, 'before', 5);
    expect(lab.samplesOf('before').map((sample) => sample.at)).toEqual([100, 300, 600, 900, 1_200].map(at));
  });

  test('a watcher that is away for ten minutes is down, and says why', async () => {
    lab.api.fail('pods', 503, 1_000_000);
    lab.api.breakOff();
    await waitFor(async () => (await lab.metrics()).includes('resource="pods",reason="503"'));
    expect(lab.watch.state().down).toEqual([]);
    lab.clock.set(at(900));
    expect(lab.watch.state().down).toMatchObject([{ resource: 'pods', problem: expect.stringContaining('503') }]);
  });

  test('the debug log has method, path and status of requests, and no token', async () => {
    lab.api.newToken(true);
    lab.api.breakOff();
    lab.api.put('pods', running('after', at(190)));
    await told(lab, 'after', 1);
    const log = lab.log.join('');
    expect(log).toContain('"method":"GET","path":"/api/v1/pods","status":401');
    expect(log).not.toMatch(/token-|Bearer|resourceVersion=/);
  });
});

test('a kind that may not be read does not hold up the others', async () => {
  const lab = await openKubernetesLab(HOUR, { prepare: (api) => api.forbid('services') });
  lab.api.put('nodes', nodeObject('n1'));
  lab.api.put('pods', running('a', at(-60)));
  await told(lab, 'a', 1);
  expect(lab.watch.state().initialized).not.toContain('services');
  await lab.close();
});

test('samples that are not taken are kept until they are, each once', async () => {
  let refusals = 5;
  const lab = await openKubernetesLab(HOUR, {
    async sink() {
      refusals -= 1;
      if (refusals >= 0) throw new AppError('intake_full', 'full');
    },
  });
  lab.api.put('nodes', nodeObject('n1'));
  lab.api.put('pods', ended('a', at(-60), at(-30)));
  await told(lab, 'a', 2);
  const taken = lab.batches.flatMap(({ containers }) => containers.map((sample) => sample.at));
  expect(taken).toEqual([at(-60), at(-30)]);
  await lab.close();
});

test('an API that another authority vouches for is not spoken to', async () => {
  const other = await openKubernetesLab(HOUR);
  const one = await openKubernetesLab(HOUR, { prepare: (api) => api.trustOnly(other.api) });
  await waitFor(async () => /resource="pods",reason="connection"\} [3-9]/.test(await one.metrics()));
  expect(one.log.join('')).toMatch(/certificate/);
  expect(one.api.watching()).toBe(0);
  await one.close();
  await other.close();
});

function told(lab: KubernetesLab, podUid: string, count: number) {
  return waitFor(
    () => {
      const samples = lab.samplesOf(podUid);
      return samples.length >= count ? samples : undefined;
    },
    { what: `${count} samples of ${podUid}` },
  );
}
