import { expect, test } from 'vitest';
import { containerSample, nodeSample } from '../../../test/support/samples.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import type { SampleBatch } from '../../core/samples.ts';
import { AppError } from '../../lib/errors.ts';
import { createLogger } from '../../lib/log.ts';
import { type Beat, createOutbox, type Outbox, type SampleSink } from './outbox.ts';

const log = createLogger({ level: 'silent' });

/** An outbox that runs until the test is over, and what it counted. */
async function withOutbox(
  sink: SampleSink,
  work: (outbox: Outbox, counts: { dropped: Record<string, number> }) => Promise<void>,
): Promise<void> {
  const dropped: Record<string, number> = {};
  const observe = {
    waiting: () => {},
    sent: () => {},
    dropped: (rows: number, reason: string) => void (dropped[reason] = (dropped[reason] ?? 0) + rows),
  };
  const limits = { rowsMax: 10, batchRowsMax: 4, gatherMs: 1, retryMs: 1, retryMsMax: 5 };
  const outbox = createOutbox({ sink, log, observe, limits });
  const stopping = new AbortController();
  const ended = outbox.run(stopping.signal);
  await work(outbox, { dropped });
  stopping.abort();
  await ended;
}

const change = (at: number) => containerSample({ at, podUid: 'p' });
const beatOf = (containers: number): Beat => ({
  containers: Array.from({ length: containers }, (_, index) => containerSample({ at: 300_000, podUid: `${index}` })),
  nodes: [nodeSample({ at: 300_000 })],
  volumes: [],
  balancers: [],
});

test('the nodes of a heartbeat go after all of its containers', async () => {
  const batches: SampleBatch[] = [];
  const sink = async (batch: SampleBatch) => void batches.push(batch);
  await withOutbox(sink, async (outbox) => {
    outbox.beat(beatOf(9));
    await waitFor(() => batches.length === 4);
  });
  expect(batches.map(({ containers, nodes }) => [containers.length, nodes.length])).toEqual([
    [4, 0],
    [4, 0],
    [1, 0],
    [0, 1],
  ]);
});

test('what namespaces and services say goes in pieces of its own, before the nodes', async () => {
  const batches: SampleBatch[] = [];
  const sink = async (batch: SampleBatch) => void batches.push(batch);
  const at = 300_000;
  const namespaces = Array.from({ length: 5 }, (_, index) => ({
    at,
    namespace: `${index}`,
    labels: {},
    annotations: {},
  }));
  const services = [{ at, namespace: '0', service: 'front', selector: {} }];
  await withOutbox(sink, async (outbox) => {
    outbox.beat({ ...beatOf(1), namespaces, services });
    await waitFor(() => batches.length === 5);
  });
  const counted = batches.map((batch) =>
    [batch.containers, batch.namespaces, batch.services, batch.nodes].map((rows = []) => rows.length),
  );
  expect(counted).toEqual([
    [1, 0, 0, 0],
    [0, 4, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ]);
});

test('what is told twice while it waits is sent once, as it was told last', async () => {
  const batches: SampleBatch[] = [];
  let open = false;
  const sink = async (batch: SampleBatch) => {
    if (!open) throw new AppError('intake_full', 'full');
    batches.push(batch);
  };
  await withOutbox(sink, async (outbox) => {
    outbox.changed({ ...change(1), cpuRequest: 1 });
    outbox.changed({ ...change(1), cpuRequest: 2 });
    open = true;
    await waitFor(() => batches.length > 0);
  });
  expect(batches.flatMap(({ containers }) => containers.map(({ cpuRequest }) => cpuRequest))).toEqual([2]);
});

test('when too much waits, heartbeats are dropped and changes kept', async () => {
  const batches: SampleBatch[] = [];
  let open = false;
  const sink = async (batch: SampleBatch) => {
    if (!open) throw new AppError('store_unavailable', 'away');
    batches.push(batch);
  };
  await withOutbox(sink, async (outbox, { dropped }) => {
    outbox.beat(beatOf(3));
    for (let at = 0; at < 8; at += 1) outbox.changed(change(at));
    expect(dropped).toEqual({ full: 4 - 1 });
    open = true;
    await waitFor(() => batches.flatMap(({ containers }) => containers).length === 8);
  });
});

test('changes that are too many for the buffer are dropped, oldest first, and counted', async () => {
  const kept: number[] = [];
  let open = false;
  const sink = async ({ containers }: SampleBatch) => {
    if (!open) throw new AppError('store_unavailable', 'away');
    kept.push(...containers.map(({ at }) => at));
  };
  await withOutbox(sink, async (outbox, { dropped }) => {
    for (let at = 0; at < 13; at += 1) outbox.changed(change(at));
    expect(dropped).toEqual({ full: 3 });
    open = true;
    await waitFor(() => kept.length === 10);
  });
  expect(kept).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('what is refused for good does not hold up the rest', async () => {
  const taken: SampleBatch[] = [];
  const sink = async (batch: SampleBatch) => {
    if (batch.containers.some(({ at }) => at === 1)) throw new AppError('limit_exceeded', 'never');
    taken.push(batch);
  };
  await withOutbox(sink, async (outbox, { dropped }) => {
    outbox.changed(change(1));
    await waitFor(() => dropped['refused'] === 1);
    outbox.changed(change(2));
    await waitFor(() => taken.length === 1);
  });
});

test('what waits at the end is still handed over', async () => {
  const taken: SampleBatch[] = [];
  await withOutbox(
    async (batch) => void taken.push(batch),
    async (outbox) => outbox.changed(change(1)),
  );
  expect(taken).toHaveLength(1);
});
