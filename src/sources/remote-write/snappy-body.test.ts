import { array, assert, constant, nat, oneof, property, record, string, uint8Array } from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { expect, test } from 'vitest';
import { AppError } from '../../lib/errors.ts';
import { SnappyBodies } from './snappy-body.ts';

const BYTES_MAX = 2 ** 20;

/** Texts that repeat near and far, and bytes that do not. */
const contents = array(
  oneof(
    uint8Array({ maxLength: 300 }),
    record({ text: string({ minLength: 1, maxLength: 9 }), times: nat(200) }).map(({ text, times }) =>
      Buffer.from(text.repeat(times)),
    ),
    constant(Buffer.from('container_memory_working_set_bytes')),
    nat(70_000).map((bytes) => Buffer.from(Array.from({ length: bytes }, (_, i) => (i * i) % 251))),
  ),
  { maxLength: 20 },
)
  .map((parts) => Buffer.concat(parts))
  .filter(({ length }) => length <= BYTES_MAX);

test('what snappy packed is unpacked byte for byte, whatever was unpacked before it', () => {
  const bodies = new SnappyBodies(BYTES_MAX);
  assert(
    property(contents, (bytes) => {
      expect(bodies.unpack(compressSync(bytes)).equals(bytes)).toBe(true);
    }),
  );
});

test('a body that is damaged is refused where the library refuses it, and is otherwise what the library finds in it', () => {
  const bodies = new SnappyBodies(BYTES_MAX);
  const damages = array(record({ at: nat(), byte: nat(255) }), { minLength: 1, maxLength: 4 });
  assert(
    property(contents, damages, nat(), (bytes, changes, cut) => {
      const whole = compressSync(bytes);
      const body = Buffer.from(whole.subarray(0, 1 + (cut % whole.length)));
      for (const { at, byte } of changes) body[at % body.length] = byte;
      const [own, library] = [attempt(() => bodies.unpack(body)), attempt(() => Buffer.from(uncompressSync(body)))];
      if (own instanceof Error || library instanceof Error) {
        expect([own, library].map((each) => each instanceof Error)).toEqual([true, true]);
        expect(own).toBeInstanceOf(AppError);
      } else expect(library.equals(own)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('every kind of element is read', () => {
  const f = (body: number[], want: string) =>
    expect(new SnappyBodies(BYTES_MAX).unpack(Buffer.from(body)).toString('latin1')).toBe(want);
  const a = 97;
  f([0], '');
  f([3, 2 << 2, a, a + 1, a + 2], 'abc');
  f([6, 2 << 2, a, a + 1, a + 2, (2 << 2) | 2, 3, 0], 'abcabc');
  f([7, 2 << 2, a, a + 1, a + 2, (0 << 2) | 1, 3], 'abcabca');
  f([5, 0, a, (3 << 2) | 3, 1, 0, 0, 0], 'aaaaa');
  f([2, 60 << 2, 1, a, a], 'aa');
  f([2, 61 << 2, 1, 0, a, a], 'aa');
  f([2, 62 << 2, 1, 0, 0, a, a], 'aa');
  f([2, 63 << 2, 1, 0, 0, 0, a, a], 'aa');
});

test('what no packer makes is refused', () => {
  const f = (body: number[]) =>
    expect(() => new SnappyBodies(BYTES_MAX).unpack(Buffer.from(body)), String(body)).toThrow(/not snappy/);
  f([]);
  f([255, 255, 255, 255, 255]);
  f([1]);
  f([1, 0]);
  f([1, 0, 97, 0, 97]);
  f([5, 0, 97, (3 << 2) | 2, 0, 0]);
  f([5, 0, 97, (3 << 2) | 2, 2, 0]);
  f([5, 0, 97, (3 << 2) | 2, 1]);
  f([4, 0, 97, (3 << 2) | 2, 1, 0]);
  f([2, 63 << 2, 255, 255, 255, 255, 97]);
  f([200, 1, 0, 97]);
});

test('a body that promises more than may be is refused before memory is taken', () => {
  expect(() => new SnappyBodies(10).unpack(Buffer.from([11, 0, 97]))).toThrow(/unpacks to 11 bytes; at most 10/);
});

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
