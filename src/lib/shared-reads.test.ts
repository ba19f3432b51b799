import { expect, test } from 'vitest';
import { createSharedReads } from './shared-reads.ts';

function reads() {
  const begun: { key: string; signal: AbortSignal; finish: (value: string) => void; fail: (error: Error) => void }[] =
    [];
  const shared = createSharedReads<string>({ sizeOf: (text) => text.length, sizeMax: 20 });
  const read = (key: string, signal?: AbortSignal) =>
    shared.read(
      key,
      (ofWork) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        begun.push({ key, signal: ofWork, finish: resolve, fail: reject });
        return promise;
      },
      signal,
    );
  return { begun, read };
}

test('those who ask the same at once wait for one read, and who asks later is given what it found', async () => {
  const { begun, read } = reads();
  const answers = Promise.all([read('a'), read('a'), read('b')]);
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
  for (const { key, finish } of begun) finish(`of ${key}`);
  expect(await answers).toEqual(['of a', 'of a', 'of b']);
  expect(await read('a')).toBe('of a');
  expect(begun).toHaveLength(2);
});

test('what fails is told to everybody who waits, and read again for the next', async () => {
  const { begun, read } = reads();
  const answers = Promise.allSettled([read('a'), read('a')]);
  begun[0]?.fail(new Error('no engine'));
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = read('a');
  begun[1]?.finish('now');
  expect(await again).toBe('now');
});

test('who leaves ends nothing for those who stay; when the last has left, the read is called off', async () => {
  const { begun, read } = reads();
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = [read('a', first.signal), read('a', second.signal)];
  const settled = Promise.allSettled(answers);
  first.abort(new Error('gone'));
  await expect(answers[0]).rejects.toThrow('gone');
  expect(begun[0]?.signal.aborted).toBe(false);
  second.abort(new Error('gone too'));
  await settled;
  expect(begun[0]?.signal.aborted).toBe(true);
  const next = read('a');
  expect(begun).toHaveLength(2);
  begun[0]?.finish('too late');
  begun[1]?.finish('in time');
  expect(await next).toBe('in time');
});

test('what is large is not kept, and of what is small what was asked for last', async () => {
  const { begun, read } = reads();
  const ask = async (key: string, text = 'small') => {
    const before = begun.length;
    const answer = read(key);
    begun[before]?.finish(text);
    await answer;
    return begun.length > before ? 'read' : 'kept';
  };
  expect([await ask('large', 'larger'), await ask('large', 'larger')]).toEqual(['read', 'read']);
  for (const key of ['a', 'b', 'c', 'd']) expect(await ask(key)).toBe('read');
  expect(await ask('a')).toBe('kept');
  expect(await ask('e')).toBe('read');
  expect([await ask('a'), await ask('b')]).toEqual(['kept', 'read']);
});
