import type { SourceContext } from '../source.ts';
import type { ParsedWrite } from './outcome.ts';
import { readRequestV1 } from './request-v1.ts';
import { readRequestV2 } from './request-v2.ts';
import { SeriesBook, type SeriesBookOptions } from './series-book.ts';
import { SnappyBodies } from './snappy-body.ts';
import { WriteSink } from './write-sink.ts';

/** The two messages of remote write; a sender says in its `Content-Type` which it sends. */
export type WriteVersion = '1.0' | '2.0';

export interface WriteRequest {
  /** As it came over the wire: snappy in block format. */
  readonly body: Buffer;
  readonly version: WriteVersion;
  /** Whoever sends, and to which cluster where the series do not say: what is remembered is of that pair alone. */
  readonly owner: string;
}

export interface RemoteWriteOptions extends SeriesBookOptions {
  /** Most bytes that a body may unpack to. */
  readonly unpackedBytesMax: number;
}

/**
 * Prometheus remote write, 1.0 and 2.0: one request in, points out. A series whose labels are wrong and a sample that is out
 * of range are refused alone, and counted by reason; what is not needed is counted and dropped as early as can be.
 *
 * Throws `invalid_payload` where the request cannot be read, `body_too_large`, `limit_exceeded`.
 */
export type ParseWrite = (request: WriteRequest, context: SourceContext) => Promise<ParsedWrite>;

/** What it returns remembers the series that it has seen, up to a bound. */
export function createRemoteWrite({ unpackedBytesMax, ...options }: RemoteWriteOptions): ParseWrite {
  const book = new SeriesBook(options);
  const bodies = new SnappyBodies(unpackedBytesMax);
  const readers = { '1.0': readRequestV1, '2.0': readRequestV2 };
  return async ({ body, version, owner }, context) => {
    const sink = new WriteSink(context);
    const bytes = bodies.unpack(body); // all of it is read before the next body is unpacked
    readers[version](bytes, { owner, book, sink });
    return sink.outcome();
  };
}
