import { closeSync, createReadStream, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { EngineException } from './exception.ts';

/** What a statement did, for `X-ClickHouse-Summary`. The engine does not tell what it read for it. */
export interface Summary {
  readonly writtenRows?: number;
  readonly writtenBytes?: number;
  readonly resultRows?: number;
  readonly resultBytes?: number;
  readonly elapsedMs: number;
}

export interface ReplyFacts {
  readonly queryId: string;
  readonly format: string;
  readonly gzip: boolean;
}

const gzipWhole = promisify(gzip);
const GZIP_LEVEL = { level: 1 }; // on loopback the processor is dearer than the bytes
const SMALL_BYTES = 256 * 1024;
const CHUNK_BYTES = 256 * 1024;

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
 * A result through a file that `write` makes at `path`: small ones at once, others as fast as the client reads. The file
 * has no name any more when the first byte is sent, so it cannot be left behind.
 *
 * Its calls are synchronous: the file was just written and is in memory, so each takes microseconds, and five trips
 * through the thread pool were a third of a small query's time.
 */
export async function sendFile(
  res: ServerResponse,
  path: string,
  { facts, write }: { facts: ReplyFacts; write: () => Promise<Summary> },
): Promise<void> {
  let fd: number;
  let summary: Summary;
  try {
    summary = await write();
    fd = openSync(path, 'r');
  } finally {
    rmSync(path, { force: true });
  }
  try {
    const { size } = fstatSync(fd);
    const told = { ...summary, resultBytes: size };
    if (size <= SMALL_BYTES) return await sendWhole(res, readFileSync(fd), { facts, summary: told });
    const length = facts.gzip ? {} : { 'Content-Length': size };
    res.writeHead(200, { ...headers(facts), 'X-ClickHouse-Summary': summaryText(told), ...length });
    const source = createReadStream('', { fd, autoClose: false, highWaterMark: CHUNK_BYTES });
    await (facts.gzip ? pipeline(source, createGzip(GZIP_LEVEL), res) : pipeline(source, res));
  } finally {
    closeSync(fd);
  }
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
  const { writtenRows = 0, writtenBytes = 0, resultRows = 0, resultBytes = 0, elapsedMs } = summary;
  const facts = {
    read_rows: 0,
    read_bytes: 0,
    written_rows: writtenRows,
    written_bytes: writtenBytes,
    total_rows_to_read: 0,
    result_rows: resultRows,
    result_bytes: resultBytes,
    elapsed_ns: Math.round(elapsedMs * 1e6),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])));
}
