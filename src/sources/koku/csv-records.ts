import { finished } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { AppError } from '../../lib/errors.ts';
import { ROW_BYTES_MAX } from './limits.ts';

export type CsvRecord = readonly string[];

/** More records than a chunk of a body can hold: the parser gives what it has at once, and never waits to be asked. */
const RECORDS_AT_ONCE_MAX = 2 ** 24;

const OPTIONS = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: ROW_BYTES_MAX,
  readableHighWaterMark: RECORDS_AT_ONCE_MAX,
} as const;

/**
 * The records of a CSV, those of each chunk of the body together, each as long as it is: a short or a long one is for the
 * reader to refuse. Empty lines come as one empty field, so that records count lines. Throws `invalid_payload` where what
 * follows can no longer be told apart (a quote that never ends, a record of more than `ROW_BYTES_MAX`), after the records
 * that come before.
 */
export async function* readRecords(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly CsvRecord[]> {
  const parser = parse(OPTIONS);
  parser.on('error', () => {}); // looked at below, once what came before has been given out
  try {
    for await (const chunk of body) {
      parser.write(chunk);
      yield recordsIn(parser);
      if (parser.errored) throw parser.errored;
    }
    parser.end();
    await finished(parser, { readable: false });
    yield recordsIn(parser);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError('invalid_payload', reasonOf(error), { cause: error });
  } finally {
    parser.destroy();
  }
}

function recordsIn(parser: Parser): CsvRecord[] {
  const records: CsvRecord[] = [];
  for (let record: CsvRecord | null = parser.read(); record; record = parser.read()) records.push(record);
  return records;
}

function reasonOf({ code }: CsvError): string {
  if (code === 'CSV_MAX_RECORD_SIZE') return `a row has more than ${ROW_BYTES_MAX} bytes, or a quote is not closed`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is not closed';
  return 'it is not CSV';
}
