import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { AppError } from '../../lib/errors.ts';
import { ROW_BYTES_MAX } from './limits.ts';

/**
 * The records of a CSV as they come, each as long as it is: a short or a long one is for the reader to refuse. Empty lines
 * come as one empty field, so that records count lines. Throws `invalid_payload` where what follows can no longer be told
 * apart: a quote that never ends, a record of more than `ROW_BYTES_MAX`.
 */
export async function* readRecords(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, relax_column_count: true, relax_quotes: true, max_record_size: ROW_BYTES_MAX });
  const source = Readable.from(body, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const record of parser) yield record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError('invalid_payload', reasonOf(error), { cause: error });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function reasonOf({ code }: CsvError): string {
  if (code === 'CSV_MAX_RECORD_SIZE') return `a row has more than ${ROW_BYTES_MAX} bytes, or a quote is not closed`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is not closed';
  return 'it is not CSV';
}
