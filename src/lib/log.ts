import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';

/** Facts first, then a message in words: `log.warn({ hour, error }, 'hour not computed')`. Errors go under `error`. */
export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

interface LoggerOptions {
  readonly level: LogLevel;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Standard error by default, so that standard output stays what a command was asked for. */
  readonly destination?: DestinationStream;
}

/** Never written, wherever in an entry's first two levels, or among a request's headers, they appear. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'pepper', 'secret', '["x-api-key"]'];
const STANDARD_ERROR = 2;

export function createLogger({ level, pretty = false, destination }: LoggerOptions): Logger {
  const sink = destination ?? pino.destination({ fd: STANDARD_ERROR, sync: true });
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    redact: { paths: SECRET_FIELDS.flatMap(secretPaths), censor: '[redacted]' },
  };
  return pino(options, pretty ? prettyLines(sink) : sink);
}

function secretPaths(field: string): string[] {
  const member = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${member}`, `*.headers${member}`];
}

function prettyLines(sink: DestinationStream): DestinationStream {
  return {
    write(line) {
      sink.write(`${prettyLine(JSON.parse(line))}\n`);
    },
  };
}

function prettyLine({ time, level, msg, error, ...facts }: Record<string, unknown>): string {
  const clock = String(time).slice(11, 23);
  const details = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const words = [clock, String(level).toUpperCase().padEnd(5), typeof msg === 'string' ? msg : '', ...details].join(
    ' ',
  );
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? `\n${String(error.stack)}` : '';
  return words + stack;
}
