import { expect, test } from 'vitest';
import { cannedUpstream, sendJson } from '../test/support/canned-upstream.ts';
import { parseConfig } from './config/load.ts';
import type { ConfigInput } from './config/schema.ts';
import { DAY_MS, HOUR_MS } from './lib/clock.ts';
import { pullsOf } from './pulls.ts';

type PullInput = NonNullable<ConfigInput['pulls']>[number];

const NOW = Date.UTC(2026, 0, 20, 12);
const pullOf = (input: PullInput, rest: ConfigInput = {}) =>
  pullsOf(parseConfig({ ...rest, pulls: [input] }), { now: () => NOW })[0];

test('credentials reach the upstream as they were given', async () => {
  const f = async (given: Pick<PullInput, 'bearer' | 'basic' | 'headers'>, want: object) => {
    const seen: object[] = [];
    const upstream = await cannedUpstream((req, res) => {
      seen.push(req.headers);
      sendJson(res, { status: 'success', data: { resultType: 'matrix', result: [] } });
    });
    const pull = pullOf({ name: 'a', kind: 'prometheus', url: upstream.url, ...given });
    for await (const _ of pull?.source.pull({ from: NOW - 1_000, to: NOW }, new AbortController().signal) ?? []);
    await upstream.close();
    expect(seen[0]).toMatchObject(want);
  };
  await f({ bearer: 'token' }, { authorization: 'Bearer token' });
  await f({ basic: { user: 'u', password: 'p:q' } }, { authorization: `Basic ${btoa('u:p:q')}` });
  await f({ headers: { 'X-Scope-OrgID': 'shop' } }, { 'x-scope-orgid': 'shop' });
});

test('points are pulled as far back as samples are taken, hours as far as the ledger goes', () => {
  const rest = { intake: { sampleAgeDaysMax: 5 }, retention: { ledgerMonths: 3 } };
  const prometheus = pullOf({ name: 'a', kind: 'prometheus', url: 'http://a', backfillDays: 30 }, rest);
  expect(prometheus).toMatchObject({
    tenant: 'default',
    cluster: null,
    times: { keptMs: 5 * DAY_MS, backfillMs: 30 * DAY_MS },
  });
  const kubecost = pullOf({ name: 'b', kind: 'kubecost', url: 'http://b', cluster: 'east' }, rest);
  expect(kubecost).toMatchObject({
    cluster: 'east',
    times: { keptMs: 90 * DAY_MS, stepMs: HOUR_MS, again: { everyMs: DAY_MS } },
  });
});
