import { CsvError, parse } from 'csv-parse/sync';
import { RATE_MAX } from '../../core/price-rates.ts';
import { PRICE_RULES_MAX, type PriceRule } from '../../core/price-rules.ts';
import { AppError } from '../../lib/errors.ts';
import { addMoney, formatMoney, type Money, parseMoney, portionOf, ZERO } from '../../lib/money.ts';

/**
 * A price book as OpenCost's CSV provider reads it, as rules of a price version. Columns, in any order: `InstanceID`,
 * `InstanceIDField`, `MarketPriceHourly`, and where they are there `AssetClass` (node, gpu or pv; node when empty), `Region` and
 * `InstanceType`. `EndTimestamp` and `Version` are read by nobody, as there.
 *
 * - node: the price of a whole node of which `metadata.name`, `spec.providerID` or `metadata.labels.<name>` is the id. Rows with an
 *   instance type also give the mean of their prices to all nodes of that type (and region) that no id fits.
 * - gpu: the price of each GPU of nodes whose label (`InstanceIDField`) is the id, on top of the node's.
 * - pv: the rate of a storage class (`spec.storageClassName`), per GiB and hour.
 *
 * Where OpenCost lets the mean of a type stand before a node's own price, and a row without a region before one with it, here
 * what says more comes first. Of two rows of the same thing the later counts, as there. A line that cannot be taken refuses
 * the whole book, and all such lines are named.
 */
export interface PriceCsv {
  readonly rules: readonly PriceRule[];
  readonly storageClasses: Readonly<Record<string, Money>>;
}

export const PRICE_CSV_CHARS_MAX = 1_048_576;
export const PRICE_CSV_LINES_MAX = 5_000;
const LINES_NAMED_MAX = 50;
const VALUE_CHARS_MAX = 512;

const COLUMNS = [
  'EndTimestamp',
  'InstanceID',
  'Region',
  'AssetClass',
  'InstanceIDField',
  'InstanceType',
  'MarketPriceHourly',
  'Version',
] as const;
type Column = (typeof COLUMNS)[number];
const REQUIRED = ['InstanceID', 'InstanceIDField', 'MarketPriceHourly'] as const satisfies readonly Column[];

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

type Row = Readonly<Record<Column, string>> & { readonly price: Money };

/** A line and what is wrong with it. */
interface BadLine {
  readonly line: number;
  readonly message: string;
}

/** Throws `invalid_payload` that names the lines that cannot be taken, `limit_exceeded` where there are too many. */
export function readPriceCsv(text: string): PriceCsv {
  if (text.length > PRICE_CSV_CHARS_MAX) {
    throw new AppError('limit_exceeded', `the CSV has ${text.length} characters; at most ${PRICE_CSV_CHARS_MAX}`);
  }
  const [header, ...lines] = linesOf(text);
  if (!header) throw new AppError('invalid_payload', 'the CSV is empty');
  if (lines.length > PRICE_CSV_LINES_MAX) {
    throw new AppError('limit_exceeded', `the CSV has ${lines.length} lines; at most ${PRICE_CSV_LINES_MAX}`);
  }
  const places = placesOf(header);
  const book = new Book();
  const bad: BadLine[] = [];
  for (const { number, cells } of lines) {
    const fault = cells.length === header.cells.length ? take(book, cells, places) : countFault(cells, header.cells);
    if (fault !== undefined) bad.push({ line: number, message: fault });
  }
  if (bad.length > 0) throw refusal(bad, lines.length);
  return book.finish();
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  try {
    parse(text, {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      on_record: (cells: string[], { lines: number }) => void lines.push({ number, cells }),
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    return lines;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError('invalid_payload', `the CSV cannot be read: ${error.message}`, { cause: error });
  }
}

function placesOf({ cells }: Line): Record<Column, number> {
  const known: readonly string[] = COLUMNS;
  const unknown = cells.filter((name) => !known.includes(name));
  const missing = REQUIRED.filter((name) => !cells.includes(name));
  const twice = COLUMNS.filter((name) => cells.filter((cell) => cell === name).length > 1);
  const faults = [
    ...unknown.map((name) => `"${name.slice(0, 40)}" is not known`),
    ...missing.map((name) => `${name} is missing`),
    ...twice.map((name) => `${name} stands there twice`),
  ];
  if (faults.length > 0) {
    throw new AppError(
      'invalid_payload',
      `the columns of the CSV: ${faults.slice(0, 10).join(', ')}; known are ${COLUMNS.join(', ')}`,
    );
  }
  const place = (name: Column) => cells.indexOf(name);
  return {
    EndTimestamp: place('EndTimestamp'),
    InstanceID: place('InstanceID'),
    Region: place('Region'),
    AssetClass: place('AssetClass'),
    InstanceIDField: place('InstanceIDField'),
    InstanceType: place('InstanceType'),
    MarketPriceHourly: place('MarketPriceHourly'),
    Version: place('Version'),
  };
}

/** Puts a line into the book; what is wrong with it where that cannot be. */
function take(book: Book, cells: readonly string[], places: Readonly<Record<Column, number>>): string | undefined {
  const cell = (name: Column) => cells[places[name]] ?? '';
  if (cells.some((text) => text.length > VALUE_CHARS_MAX || /[\p{Cc}\p{Cs}]/u.test(text))) {
    return `a cell has more than ${VALUE_CHARS_MAX} characters, or control characters`;
  }
  const price = priceOf(cell('MarketPriceHourly'));
  if (price === undefined) {
    return `MarketPriceHourly "${cell('MarketPriceHourly').slice(0, 40)}" is no price from 0 to ${formatMoney(RATE_MAX)}`;
  }
  const row: Row = {
    EndTimestamp: '',
    InstanceID: cell('InstanceID'),
    Region: cell('Region'),
    AssetClass: cell('AssetClass'),
    InstanceIDField: cell('InstanceIDField'),
    InstanceType: cell('InstanceType'),
    MarketPriceHourly: '',
    Version: '',
    price,
  };
  const assetClass = row.AssetClass === '' ? 'node' : row.AssetClass.toLowerCase();
  if (assetClass === 'node') return book.node(row);
  if (assetClass === 'gpu') return book.gpu(row);
  if (assetClass === 'pv') return book.volume(row);
  return `AssetClass "${row.AssetClass.slice(0, 40)}" is not known: node, gpu or pv`;
}

function countFault(cells: readonly string[], header: readonly string[]): string {
  return `it has ${cells.length} cells, and there are ${header.length} columns`;
}

function priceOf(text: string): Money | undefined {
  try {
    const price = parseMoney(text);
    return price >= 0n && price <= RATE_MAX ? price : undefined;
  } catch {
    return undefined;
  }
}

const LABEL_FIELD = 'metadata.labels.';

/** What was read so far, by what it is of: a later line takes the place of an earlier one. */
class Book {
  readonly #nodes = new Map<string, PriceRule>();
  readonly #types = new Map<string, { rule: PriceRule; sum: Money; count: bigint }>();
  readonly #gpus = new Map<string, PriceRule>();
  readonly #classes = new Map<string, Money>();

  node({ InstanceID: id, InstanceIDField: field, Region, InstanceType: type, price }: Row): string | undefined {
    const region = Region === '' ? undefined : Region;
    if (id === '' && type === '') return 'it has neither an InstanceID nor an InstanceType';
    if (id !== '') {
      const asked = matchOf(field, id);
      if (!asked) {
        return `InstanceIDField "${field.slice(0, 80)}" of a node is not known: metadata.name, spec.providerID or metadata.labels.<name>`;
      }
      this.#nodes.set(keyOf(field, id, Region), { match: { ...asked, region }, nodeHour: price });
    }
    if (type !== '') {
      const key = keyOf(type, Region);
      const { sum = ZERO, count = 0n } = this.#types.get(key) ?? {};
      this.#types.set(key, {
        rule: { match: { instanceType: type, region } },
        sum: addMoney(sum, price),
        count: count + 1n,
      });
    }
    return undefined;
  }

  gpu({ InstanceID: id, InstanceIDField: field, price }: Row): string | undefined {
    const label = field.startsWith(LABEL_FIELD) ? field.slice(LABEL_FIELD.length) : field;
    if (id === '' || label === '') return 'a GPU needs a label (InstanceIDField) and its value (InstanceID)';
    this.#gpus.set(keyOf(label, id), { match: { labels: { [label]: id } }, gpuHour: price });
    return undefined;
  }

  volume({ InstanceID: id, InstanceIDField: field, Region, price }: Row): string | undefined {
    if (field !== 'spec.storageClassName') {
      return `InstanceIDField "${field.slice(0, 80)}" of a volume is not known: volumes are priced by spec.storageClassName`;
    }
    if (id === '') return 'it names no storage class';
    if (Region !== '') return 'a storage class has one rate in all regions';
    this.#classes.set(id, price);
    return undefined;
  }

  finish(): PriceCsv {
    const types = [...this.#types.values()].map(({ rule, sum, count }) => ({
      ...rule,
      nodeHour: portionOf(sum, 1n, count),
    }));
    const rules = [...regionsFirst([...this.#nodes.values()]), ...regionsFirst(types), ...this.#gpus.values()];
    if (rules.length > PRICE_RULES_MAX) {
      const message = `the CSV makes ${rules.length} rules; at most ${PRICE_RULES_MAX}`;
      throw new AppError('limit_exceeded', `${message}: name instance types instead of nodes`);
    }
    return { rules, storageClasses: Object.fromEntries(this.#classes) };
  }
}

function matchOf(field: string, id: string): PriceRule['match'] | undefined {
  if (field === 'metadata.name') return { node: id };
  if (field === 'spec.providerID') return { providerId: id };
  const label = field.startsWith(LABEL_FIELD) ? field.slice(LABEL_FIELD.length) : '';
  return label === '' ? undefined : { labels: { [label]: id } };
}

function regionsFirst(rules: readonly PriceRule[]): PriceRule[] {
  const isOfRegion = ({ match }: PriceRule) => match.region !== undefined;
  return [...rules.filter(isOfRegion), ...rules.filter((rule) => !isOfRegion(rule))];
}

/** Names are compared in small letters, as rules are. */
function keyOf(...parts: readonly string[]): string {
  return parts.join('\n').toLowerCase();
}

function refusal(bad: readonly BadLine[], lines: number): AppError {
  const named = bad.slice(0, LINES_NAMED_MAX);
  const rest = bad.length > named.length ? `; and ${bad.length - named.length} more` : '';
  const texts = named.map(({ line, message }) => `line ${line}: ${message}`).join('; ');
  return new AppError('invalid_payload', `${bad.length} of ${lines} lines cannot be taken: ${texts}${rest}`, {
    details: { problems: named.map(({ line, message }) => ({ field: `csv line ${line}`, message })) },
  });
}
