import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargedMs } from '../../../test/support/kubernetes-lab.ts';
import { podObject } from '../../../test/support/kubernetes-objects.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { readPod } from './pod.ts';
import { createPodLives, HEARTBEAT_MS } from './pod-lives.ts';

const HOUR = Date.parse('2026-03-01T10:00:00Z');
const UNKNOWN = { kind: '', name: '' };

/** Lives under a clock that the test moves, and all that they emit, as the store would hold it. */
function laboratory() {
  let now = HOUR;
  const stored = new Map<number, ContainerSample>();
  const changes: number[] = [];
  const keep = (sample: ContainerSample) => void stored.set(sample.at, sample);
  const lives = createPodLives({
    clock: { now: () => now },
    controllerOf: () => UNKNOWN,
    hasNode: () => true,
    nodeLabelsOf: () => ({}),
    emit(sample) {
      changes.push(sample.at);
      keep(sample);
    },
  });
  return {
    lives,
    /** Instants of what was told as it happened. */
    changes,
    at: (instant: number) => void (now = instant),
    beat: (instant: number) => lives.heartbeat(instant).forEach(keep),
    samples: () => [...stored.values()].toSorted((a, b) => a.at - b.at),
  };
}

interface Run {
  readonly start: number;
  readonly end: number;
}

type State = { running: number } | { terminated: readonly [number, number] } | { waiting: string };

/** What the API tells of a container with these runs, at an instant. */
function observed(runs: readonly Run[], at: number) {
  const begun = runs.filter(({ start }) => start <= at);
  const current = begun.at(-1);
  if (!current) return podObject({ phase: 'Pending', containers: [{ state: { waiting: 'ContainerCreating' } }] });
  const before = begun.at(-2);
  const lastState: State | undefined = before && { terminated: [before.start, before.end] };
  const state: State = at < current.end ? { running: current.start } : { terminated: [current.start, current.end] };
  return podObject({ containers: [{ state, ...(lastState ? { lastState } : {}) }] });
}

const seconds = (max: number) => fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max }));

/** Runs one after the other, in whole seconds, some of no length and some with no pause between them. */
const lifeOf = fc
  .array(fc.record({ pause: seconds(900), length: seconds(2_000) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((steps) => {
    let end = HOUR + SECOND_MS;
    return steps.map(({ pause, length }): Run => {
      const start = end + pause * SECOND_MS;
      end = start + length * SECOND_MS;
      return { start, end };
    });
  });

test('however late a run and its end are heard of, and however often, it counts for its own time', () => {
  fc.assert(
    fc.property(lifeOf, fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 3 }), (runs, lateSeconds, times) => {
      const { lives, at, beat, changes, samples } = laboratory();
      const late = lateSeconds * SECOND_MS;
      const ends = runs.at(-1)?.end ?? HOUR;
      const instants = new Set(runs.flatMap(({ start, end }) => [start, end]));
      for (let now = HOUR; now <= ends + 2 * HEARTBEAT_MS; now += SECOND_MS) {
        at(now + late);
        if (now % HEARTBEAT_MS === 0) beat(now); // before what happened meanwhile is heard of
        if (instants.has(now)) for (let time = 0; time < times; time += 1) lives.put(readPod(observed(runs, now)));
      }
      const truth = runs.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(changes).toEqual([...new Set(changes)]);
      expect(Math.abs(chargedMs(samples()) - truth)).toBeLessThanOrEqual(2 * runs.length * 4);
    }),
    { numRuns: 60 },
  );
});

test('what ended long before it was first seen is not told, what runs since then is told by heartbeats', () => {
  const { lives, at, beat, samples } = laboratory();
  at(HOUR + 10 * MINUTE_MS);
  const old = { state: { terminated: [HOUR - 9 * HOUR_MS, HOUR - 8 * HOUR_MS] as const } };
  lives.put(readPod(podObject({ uid: 'old', name: 'old', phase: 'Succeeded', containers: [old] })));
  lives.put(readPod(podObject({ containers: [{ state: { running: HOUR - 9 * HOUR_MS } }] })));
  expect(samples()).toEqual([]);
  beat(HOUR + 10 * MINUTE_MS);
  expect(samples()).toMatchObject([{ podUid: 'uid-web-1', startedAt: HOUR - 9 * HOUR_MS, phase: 'Running' }]);
});

test('a run whose end was overwritten by later ones ended when the next began', () => {
  const { lives, at, samples } = laboratory();
  const second = (seconds: number) => HOUR + seconds * SECOND_MS;
  lives.put(readPod(podObject({ containers: [{ state: { running: second(1) } }] })));
  at(second(100));
  const crashes = { lastState: { terminated: [second(50), second(60), 1] as const }, state: { running: second(90) } };
  lives.put(readPod(podObject({ containers: [crashes] })));
  expect(samples().map((sample) => [sample.at, sample.startedAt, sample.endedAt])).toEqual([
    [second(1), second(1), null],
    [second(50), second(1), second(50)],
    [second(50) + 1, second(50), null],
    [second(60), second(50), second(60)],
    [second(90), second(90), null],
  ]);
});

test('pods that are gone are forgotten', () => {
  const { lives } = laboratory();
  const pod = readPod(podObject());
  lives.put(pod);
  lives.gone(pod, HOUR);
  expect(lives.size).toBe(0);
});
