import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { EngineLimits, EngineUser } from '../messages.ts';
import { exception } from './exception.ts';

/** One request, understood: whom for, with which settings, and its bytes, which are statement and data in one. */
export interface EngineRequest {
  readonly user: EngineUser;
  readonly queryId: string;
  readonly database: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly defaultFormat: string;
  readonly acceptsGzip: boolean;
  /** The `query` argument and then the body, decompressed. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** Arguments that are of the HTTP interface and no settings; those that only tune a real server are taken and ignored. */
const INTERFACE_ARGUMENTS = new Set([
  'query',
  'user',
  'password',
  'database',
  'default_format',
  'query_id',
  'quota_key',
  'stacktrace',
  'role',
  'buffer_size',
  'wait_end_of_query',
  'client_protocol_version',
  'session_timeout',
  'enable_http_compression',
  'add_http_cors_header',
  'log_comment', // ours: an abandoned statement is found by it
  'readonly', // ours: it follows from the user
]);
/** Arguments that change what the bytes or the statements mean: ignoring them would be a wrong answer. */
const UNSUPPORTED_ARGUMENTS: Readonly<Record<string, (value: string) => boolean>> = {
  compress: (value) => value !== '0',
  decompress: (value) => value !== '0',
  session_id: () => true,
};
const SETTING_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/;
const QUERY_ID = /^[\w.:-]{1,128}$/;

export function readRequest(
  { req, args, user }: { req: IncomingMessage; args: URLSearchParams; user: EngineUser },
  limits: EngineLimits,
): EngineRequest {
  const queryId = args.get('query_id') ?? '';
  const compression = args.get('enable_http_compression') === '1';
  return {
    user,
    queryId: QUERY_ID.test(queryId) ? queryId : randomUUID(),
    database: args.get('database') ?? headerOf(req, 'x-clickhouse-database') ?? 'default',
    settings: settingsOf(args, limits),
    defaultFormat: args.get('default_format') ?? headerOf(req, 'x-clickhouse-format') ?? 'TabSeparated',
    acceptsGzip: compression && /\bgzip\b/.test(headerOf(req, 'accept-encoding') ?? ''),
    bytes: bytesOf(req, args.get('query') ?? ''),
  };
}

/** What the session is set to: the caller's settings, none of them above our bounds. */
function settingsOf(args: URLSearchParams, limits: EngineLimits): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of args) {
    if (UNSUPPORTED_ARGUMENTS[name]?.(value)) {
      throw exception('notImplemented', `The embedded engine does not support the argument ${name}`);
    }
    if (INTERFACE_ARGUMENTS.has(name) || Object.hasOwn(UNSUPPORTED_ARGUMENTS, name)) continue;
    if (!SETTING_NAME.test(name)) throw exception('badArguments', `${JSON.stringify(name.slice(0, 64))} is no setting`);
    settings.set(name, value);
  }
  cap(settings, 'max_execution_time', limits.queryTimeoutMs / 1000);
  cap(settings, 'max_memory_usage', limits.queryMemoryBytesMax);
  cap(settings, 'max_result_bytes', limits.resultBytesMax);
  return settings;
}

function cap(settings: Map<string, string>, name: string, most: number): void {
  const asked = Number(settings.get(name) ?? most);
  settings.set(name, String(asked > 0 && asked < most ? asked : most));
}

const LINE_END = Buffer.from('\n');

async function* bytesOf(req: IncomingMessage, query: string): AsyncGenerator<Buffer> {
  if (query !== '') yield Buffer.from(query);
  let between = query !== ''; // as ClickHouse does: a line end parts the argument from the body
  for await (const chunk of decompressed(req)) {
    if (between) yield LINE_END;
    between = false;
    yield chunk;
  }
}

function decompressed(req: IncomingMessage): Readable {
  const encoding = headerOf(req, 'content-encoding') ?? 'identity';
  const decoder = DECODERS[encoding];
  if (encoding === 'identity' || encoding === '') return req;
  if (!decoder) throw exception('notImplemented', `Content-Encoding ${encoding.slice(0, 32)} is not supported`);
  const stream = decoder();
  req.on('error', (error) => stream.destroy(error)).on('aborted', () => stream.destroy(new Error('aborted')));
  return req.pipe(stream);
}

const DECODERS: Readonly<Record<string, () => Readable & NodeJS.WritableStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return value === undefined ? undefined : String(value);
}
