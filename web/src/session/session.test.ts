import { expect, test } from 'vitest';
import { createSession, keyFromFragment, looksLikeKey } from './session.ts';

function memoryStorage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  };
}

test('a key comes out of a link’s fragment, whatever characters its secret has', () => {
  const f = (fragment: string, want: string | null) => expect(keyFromFragment(fragment), fragment).toBe(want);
  f('#key=id:secret', 'id:secret');
  f('#key=id:se+cr/et=', 'id:se+cr/et=');
  f('#key=id%3Asecret', 'id:secret');
  f('#key=no-secret', null);
  f('#other=id:secret', null);
  f('', null);
});

test('what cannot be a key is told before it is sent', () => {
  for (const text of ['', 'id', ':secret', 'id:', 'a b:c']) expect(looksLikeKey(text), text).toBe(false);
  expect(looksLikeKey('id:with:colons')).toBe(true);
});

test('a key outlives a reload and not a sign-out', () => {
  const storage = memoryStorage();
  createSession(storage).signIn('id:secret');
  const reloaded = createSession(storage);
  expect(reloaded.get().key).toBe('id:secret');
  reloaded.signOut('expired');
  expect(reloaded.get()).toEqual({ key: null, notice: 'expired' });
  expect(storage.items.size).toBe(0);
});

test('without storage the session still works for this page', () => {
  const session = createSession(null);
  session.signIn('id:secret');
  expect(session.get().key).toBe('id:secret');
});

test('listeners hear every change until they leave', () => {
  const session = createSession(null);
  let heard = 0;
  const leave = session.subscribe(() => {
    heard += 1;
  });
  session.signIn('id:secret');
  session.signOut();
  leave();
  session.signIn('id:secret');
  expect(heard).toBe(2);
});
