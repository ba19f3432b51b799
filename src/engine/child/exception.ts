/**
 * Failures as a ClickHouse server words them: `Code: 60. DB::Exception: Unknown table … (UNKNOWN_TABLE)`, with the HTTP
 * status that such a server gives them, so that any ClickHouse client understands ours.
 */

/** The codes this process raises or looks for itself; the engine raises the others. */
export const CODE = {
  badArguments: [36, 'BAD_ARGUMENTS'],
  notImplemented: [48, 'NOT_IMPLEMENTED'],
  syntaxError: [62, 'SYNTAX_ERROR'],
  cannotOpenFile: [76, 'CANNOT_OPEN_FILE'],
  readOnly: [164, 'READONLY'],
  requiredPassword: [194, 'REQUIRED_PASSWORD'],
  tooManyQueries: [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  notEnoughSpace: [243, 'NOT_ENOUGH_SPACE'],
  aborted: [236, 'ABORTED'],
  tooManyBytes: [307, 'TOO_MANY_BYTES'],
  cancelled: [394, 'QUERY_WAS_CANCELLED'],
  tooManyRowsOrBytes: [396, 'TOO_MANY_ROWS_OR_BYTES'],
  authenticationFailed: [516, 'AUTHENTICATION_FAILED'],
  standard: [1001, 'STD_EXCEPTION'],
} as const satisfies Record<string, readonly [code: number, name: string]>;

type ExceptionName = keyof typeof CODE;

export class EngineException extends Error {
  override readonly name = 'EngineException';
  readonly code: number;
  /** Overrides the status that the code stands for. */
  readonly statusOverride: number | undefined;

  constructor(code: number, text: string, options: { status?: number; cause?: unknown } = {}) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.statusOverride = options.status;
  }

  get status(): number {
    return this.statusOverride ?? statusOf(this.code);
  }
}

export function exception(name: ExceptionName, words: string, status?: number): EngineException {
  const [code, label] = CODE[name];
  return new EngineException(
    code,
    `Code: ${code}. DB::Exception: ${words}. (${label})`,
    status === undefined ? {} : { status },
  );
}

const WORDING = /Code: (\d+)\. (?:DB::|Poco::|std::)/;

/** Any failure as an exception; one that the engine did not word is our defect, and says nothing of our inside. */
export function exceptionOf(error: unknown): EngineException {
  if (error instanceof EngineException) return error;
  const message = error instanceof Error ? error.message : String(error);
  const match = WORDING.exec(message);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return exception('notEnoughSpace', 'No space left on device');
  }
  if (!match) {
    const { code, message: words } = exception('standard', 'Unexpected failure');
    return new EngineException(code, words, { cause: error });
  }
  return new EngineException(Number(match[1]), message.slice(match.index).trimEnd(), { cause: error });
}

/** As `exceptionCodeToHTTPStatus` of ClickHouse; anything not here is a 500. */
const STATUS_CODES: ReadonlyMap<number, readonly number[]> = new Map([
  [
    400,
    [
      6, 19, 26, 27, 28, 36, 38, 41, 42, 43, 53, 62, 63, 69, 70, 71, 72, 117, 130, 131, 184, 190, 206, 215, 349, 376,
      386, 441, 456, 457,
    ],
  ],
  [401, [CODE.requiredPassword[0]]],
  [403, [CODE.readOnly[0], 192, 193, 392, 497, CODE.authenticationFailed[0]]],
  [404, [16, 46, 47, 50, 56, 60, 73, 78, 79, 81, 115, 511]],
  [408, [159]],
  [413, [229]],
  [501, [CODE.notImplemented[0]]],
  [503, [CODE.tooManyQueries[0], 76, 209, 439]],
]);

function statusOf(code: number): number {
  for (const [status, codes] of STATUS_CODES) {
    if (codes.includes(code)) return status;
  }
  return 500;
}
