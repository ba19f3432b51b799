/** Characters of a chunk, beyond which no further piece is added. */
export const CHUNK_CHARS = 64 * 1_024;

/** Pieces of text together, in chunks of about 64 Ki characters: what is written piece by piece costs more to send than to make. */
export function* textChunks(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
