import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip, constants as zlib } from 'node:zlib';
import { type EngineException, exceptionOf } from './exception.ts';

/** What a statement did, for `X-ClickHouse-Summary`. */
export interface Summary {
  readonly readRows?: number;
  readonly readBytes?: number;
  readonly writtenRows?: number;
  readonly writtenBytes?: number;
  readonly resultRows?: number;
  readonly resultBytes?: number;
  readonly elapsedMs: number;
}

interface ReplyFacts {
  readonly queryId: string;
  readonly format: string;
  readonly gzip: boolean;
}

const gzipWhole = promisify(gzip);
const GZIP_LEVEL = { level: 1 }; // on loopback the processor is dearer than the bytes
const TAG_BYTES = 8;

/** A whole result at once. */
export async function sendWhole(
  res: ServerResponse,
  bytes: Uint8Array,
  { facts, summary }: { facts: ReplyFacts; summary: Summary },
): Promise<void> {
  const content = facts.gzip ? await gzipWhole(bytes, GZIP_LEVEL) : bytes;
  res.writeHead(200, {
    ...headers(facts),
    'X-ClickHouse-Summary': summaryText(summary),
    'Content-Length': content.length,
  });
  res.end(content);
}

/**
 * A result as it comes, no faster than the client reads. A failure in the middle is told as ClickHouse tells it: the
 * exception between marks that hold a tag from the header, and then a connection that breaks off.
 */
export async function sendPieces(
  res: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  facts: ReplyFacts,
): Promise<void> {
  const tag = randomBytes(TAG_BYTES).toString('hex');
  res.writeHead(200, { ...headers(facts), 'X-ClickHouse-Exception-Tag': tag });
  const sink: Writable = facts.gzip ? createGzip({ ...GZIP_LEVEL, flush: zlib.Z_SYNC_FLUSH }) : res;
  if (sink !== res) sink.pipe(res);
  try {
    for await (const piece of pieces) {
      if (res.destroyed) return;
      if (!sink.write(piece)) await Promise.race([once(sink, 'drain'), once(res, 'close')]);
    }
    sink.end();
  } catch (error) {
    sink.write(lateFailure(exceptionOf(error), tag), () => setImmediate(() => res.destroy()));
  }
}

function lateFailure({ message }: EngineException, tag: string): string {
  const text = `${message}\n`;
  return `\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`;
}

export function sendFailure(res: ServerResponse, failure: EngineException, queryId?: string): void {
  const text = Buffer.from(`${failure.message}\n`);
  res.writeHead(failure.status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Length': text.length,
    'X-ClickHouse-Exception-Code': failure.code,
    ...(queryId === undefined ? {} : { 'X-ClickHouse-Query-Id': queryId }),
    ...(failure.status === 401 ? { 'WWW-Authenticate': 'Basic realm="ClickHouse"' } : {}),
  });
  res.end(text);
}

function headers({ queryId, format, gzip }: ReplyFacts): Record<string, string> {
  return {
    'Content-Type': contentType(format),
    'X-ClickHouse-Query-Id': queryId,
    'X-ClickHouse-Format': format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Server-Display-Name': 'kubetally',
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
  };
}

function contentType(format: string): string {
  if (/^JSON(Compact|Strings|Columns|ColumnsWithMetadata|CompactStrings)?$/.test(format)) {
    return 'application/json; charset=UTF-8';
  }
  if (format.startsWith('JSON')) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8';
  if (format.startsWith('TSV') || format.startsWith('TabSeparated')) return 'text/tab-separated-values; charset=UTF-8';
  return /^(Native|RowBinary|Arrow|Parquet|MsgPack|ORC|Avro|BSON)/.test(format)
    ? 'application/octet-stream'
    : 'text/plain; charset=UTF-8';
}

function summaryText(summary: Summary): string {
  const { readRows = 0, readBytes = 0, writtenRows = 0, writtenBytes = 0, resultRows = 0, resultBytes = 0 } = summary;
  const facts = {
    read_rows: readRows,
    read_bytes: readBytes,
    written_rows: writtenRows,
    written_bytes: writtenBytes,
    total_rows_to_read: 0,
    result_rows: resultRows,
    result_bytes: resultBytes,
    elapsed_ns: Math.round(summary.elapsedMs * 1e6),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])));
}
