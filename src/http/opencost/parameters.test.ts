import { expect, test } from 'vitest';
import { type Cut, WHOLE } from '../../core/windows/sets.ts';
import { DAY_MS, HOUR_MS } from '../../lib/clock.ts';
import { cutOf } from './parameters.ts';

const by = (unit: Extract<Cut, { kind: 'calendar' }>['unit']): Cut => ({ kind: 'calendar', unit });

test('a window is cut by accumulateBy, else by accumulate, else by the step, else as the dialect has it', () => {
  const f = (words: Parameters<typeof cutOf>[0], want: Cut) =>
    expect(cutOf(words, 'opencost', DAY_MS), JSON.stringify(words)).toEqual(want);
  f({}, WHOLE);
  f({ step: '' }, WHOLE);
  f({ step: '168h' }, { kind: 'days', count: 7 });
  f({ step: 'week' }, by('week'));
  f({ step: 'month', accumulate: 'false' }, by('month'));
  f({ step: 'month', accumulate: 'week' }, by('week'));
  f({ step: '1h', accumulate: 'true' }, WHOLE);
  for (const word of ['1', 't', 'TRUE', 'all']) f({ accumulate: word }, WHOLE);
  f({ accumulate: 'false', accumulateBy: 'week' }, by('week'));
  f({ accumulate: 'week', accumulateBy: 'all' }, WHOLE);
  expect(cutOf({}, 'kubecost', DAY_MS)).toEqual(by('hour'));
  expect(cutOf({}, 'kubecost', DAY_MS + HOUR_MS)).toEqual(by('day'));
});

test('a step that is none is refused, though accumulating needs none', () => {
  const f = (words: Parameters<typeof cutOf>[0], message: RegExp) =>
    expect(() => cutOf(words, 'opencost', DAY_MS), JSON.stringify(words)).toThrow(message);
  f({ step: 'not-a-duration', accumulate: 'week' }, /cannot be read/);
  f({ step: 'all' }, /cannot be read/);
  f({ step: '90s', accumulate: 'true' }, /whole hours/);
  f({ accumulateBy: 'not-valid' }, /must be one of/);
  f({ accumulate: 'not-valid' }, /must be one of/);
});
