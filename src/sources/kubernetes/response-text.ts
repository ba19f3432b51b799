import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { AppError } from '../../lib/errors.ts';

/** All of a body, as text. Throws `upstream_refused` where it is longer than `bytesMax`, `upstream_unavailable` where it breaks off. */
export async function readText(body: Readable, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLong(`an answer of more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The lines of a body as they come, without their ends; what follows the last line's end is not a line. */
export async function* readLines(body: Readable, lineCharsMax: number): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunksOf(body)) {
    const lines = decoder.write(chunk).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = rest + line;
      rest = '';
      if (whole !== '') yield whole;
    }
    rest += last;
    if (rest.length > lineCharsMax) throw tooLong(`a watch event of more than ${lineCharsMax} characters`);
  }
}

/** Chunks until the body ends or is left, which destroys it. */
async function* chunksOf(body: Readable): AsyncIterable<Buffer> {
  try {
    for await (const chunk of body) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new AppError('upstream_unavailable', `the Kubernetes API broke off its answer: ${reason}`);
  } finally {
    body.destroy();
  }
}

function tooLong(what: string): AppError {
  return new AppError('upstream_refused', `cannot read ${what} from the Kubernetes API`);
}
