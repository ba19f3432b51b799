import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { nodeObject, podObject } from '../../../test/support/kubernetes-objects.ts';
import { AppError } from '../../lib/errors.ts';
import { RESOURCES } from './resources.ts';
import { readEvent } from './watch-event.ts';

/** Any object, with something else in place of one of its parts. */
function mutated(object: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(fc.nat(), fc.jsonValue()).map(([place, value]) => {
    let index = 0;
    const copy = (node: unknown): unknown => {
      index += 1;
      if (index === place % 60) return value;
      if (Array.isArray(node)) return node.map(copy);
      if (typeof node !== 'object' || node === null) return node;
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, copy(child)]));
    };
    return copy(object);
  });
}

const pod = podObject({
  claims: ['data'],
  initContainers: [{ name: 'init', sidecar: true }],
  containers: [{ state: { running: Date.parse('2026-03-01T10:00:00Z') }, allocated: { cpu: '1' } }],
});

describe('an object that is none is refused, and nothing else happens', () => {
  test.each(Object.entries(RESOURCES))('%s', (_key, resource) => {
    const objects = fc.oneof(fc.jsonValue(), mutated(pod), mutated(nodeObject('n1')));
    fc.assert(
      fc.property(objects, (object) => {
        try {
          const record = resource.read(JSON.parse(JSON.stringify(object) ?? 'null'));
          expect(record.uid).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(ZodError);
        }
      }),
    );
  });

  test('a quantity that is none is not known, and one that is absurd too', () => {
    const withRequest = (cpu: string) => podObject({ containers: [{ cpu }] });
    const requestOf = (cpu: string) => RESOURCES.pods.read(withRequest(cpu)).containers[0]?.cpuRequest;
    expect(['2', '1e3', 'two', '', '9e30', '-1'].map(requestOf)).toEqual([2e9, 1e12, 0, 0, 0, 0]);
  });
});

test('a line that is no event is an AppError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      expect(() => readEvent(line)).toThrow(AppError);
    }),
  );
});
