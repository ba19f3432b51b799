import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLru } from './lru.ts';

test('what is kept is exactly what was used last', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const act = fc.record({ key, kind: fc.constantFrom('get', 'set', 'delete') });
  fc.assert(
    fc.property(fc.array(act), fc.integer({ min: 1, max: 4 }), (acts, entriesMax) => {
      const lru = createLru<string>(entriesMax);
      let model: string[] = []; // oldest first
      for (const { key, kind } of acts) {
        const known = model.includes(key);
        if (kind === 'get') expect(lru.get(key)).toBe(known ? key : undefined);
        if (kind === 'set') lru.set(key, key);
        if (kind === 'delete') lru.delete(key);
        const others = model.filter((it) => it !== key);
        const used = kind === 'set' || (kind === 'get' && known);
        model = (used ? [...others, key] : others).slice(-entriesMax);
        expect(lru.size).toBe(model.length);
      }
    }),
  );
});
