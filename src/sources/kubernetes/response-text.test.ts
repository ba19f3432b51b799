import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines, readText } from './response-text.ts';

/** A body in pieces of `size` bytes, which also cut characters in two. */
function body(text: string, size: number): Readable {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Readable.from(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size)),
    { objectMode: false },
  );
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

test('lines come whole, however the body is cut; what has no end is not given', async () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.includes('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.string(), fc.integer({ min: 1, max: 20 }), async (lines, rest, size) => {
      const cut = rest.replaceAll('\n', '');
      const text = `${lines.map((one) => `${one}\n`).join('')}${cut}`;
      expect(await all(readLines(body(text, size), 1_000))).toEqual(lines);
    }),
  );
});

test('a body or a line that is too long is refused, and the connection let go', async () => {
  const long = body('x'.repeat(2_000), 100);
  await expect(readText(long, 1_000)).rejects.toMatchObject({ code: 'upstream_refused' });
  expect(long.destroyed).toBe(true);
  const endless = body('x'.repeat(2_000), 100);
  await expect(all(readLines(endless, 1_000))).rejects.toMatchObject({ code: 'upstream_refused' });
  expect(endless.destroyed).toBe(true);
});
