import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOOK_RATES } from '../../core/price-books.ts';
import { checkPrice } from '../../core/price-checks.ts';
import { ruleToJson } from '../../core/price-rules.ts';
import { AppError } from '../../lib/errors.ts';
import { formatMoney } from '../../lib/money.ts';
import { PRICE_CSV_LINES_MAX, readPriceCsv } from './price-csv.ts';

const HEADER = 'EndTimestamp,InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly,Version';

const read = (...lines: readonly string[]) => readPriceCsv([HEADER, ...lines].join('\n'));
/** Without the fields that say nothing. */
const rulesOf = (...lines: readonly string[]): unknown =>
  JSON.parse(JSON.stringify(read(...lines).rules.map(ruleToJson)));

describe('a price book of OpenCost', () => {
  test('prices nodes by name, by provider id, and by a label', () => {
    expect(
      rulesOf(
        '2028-01-06 23:34:45 UTC,worker-a,,node,metadata.name,,0.24,',
        ',aws:///eu-west-1a/i-0abc,,node,spec.providerID,,0.192,v1',
        ',Reserved,,node,metadata.labels.TestClusterUsage,,0.654795,',
      ),
    ).toEqual([
      { match: { node: 'worker-a' }, node_hour: '0.24' },
      { match: { provider_id: 'aws:///eu-west-1a/i-0abc' }, node_hour: '0.192' },
      { match: { labels: { TestClusterUsage: 'Reserved' } }, node_hour: '0.654795' },
    ]);
  });

  test('gives nodes of a type the mean of its prices, after what is said of a node itself, and regions before none', () => {
    expect(
      rulesOf(
        ',a,,node,metadata.name,m5.large,0.10,',
        ',b,,node,metadata.name,m5.large,0.20,',
        ',c,eu-west-1,node,metadata.name,m5.large,0.40,',
        ',,eu-west-1,node,,c5.large,0.05,',
      ),
    ).toEqual([
      { match: { node: 'c', region: 'eu-west-1' }, node_hour: '0.4' },
      { match: { node: 'a' }, node_hour: '0.1' },
      { match: { node: 'b' }, node_hour: '0.2' },
      { match: { instance_type: 'm5.large', region: 'eu-west-1' }, node_hour: '0.4' },
      { match: { instance_type: 'c5.large', region: 'eu-west-1' }, node_hour: '0.05' },
      { match: { instance_type: 'm5.large' }, node_hour: '0.15' },
    ]);
  });

  test('prices GPUs by a label and volumes by their class; the later of two lines counts', () => {
    const { storageClasses } = read(
      ',ssd,,pv,spec.storageClassName,,0.0001,',
      ',ssd,,pv,spec.storageClassName,,7.8e-05,',
    );
    expect(Object.entries(storageClasses).map(([name, rate]) => [name, formatMoney(rate)])).toEqual([
      ['ssd', '0.000078'],
    ]);
    expect(rulesOf(',A100,,gpu,nvidia.com/gpu_type,,0.75,', ',a100,,gpu,nvidia.com/gpu_type,,0.8,')).toEqual([
      { match: { labels: { 'nvidia.com/gpu_type': 'a100' } }, gpu_hour: '0.8' },
    ]);
  });

  test('may leave out columns that say nothing, and have comments, quotes, a byte order mark and line ends of Windows', () => {
    const text = '\ufeff# ours\r\nMarketPriceHourly,InstanceIDField,InstanceID\r\n"0.5",metadata.name,"n,1"\r\n\r\n';
    expect(readPriceCsv(text).rules.map(({ match }) => match.node)).toEqual(['n,1']);
  });
});

test('every line that cannot be taken is named, and nothing of the book is', () => {
  const f = (line: string, message: string) =>
    expect(() => read(',ok,,node,metadata.name,,1,', line, ',x,,node,metadata.name,,-1,'), line).toThrow(
      expect.objectContaining({
        code: 'invalid_payload',
        message: expect.stringMatching(`^2 of 3 .*line 3: .*${message}.*line 4: `),
      }),
    );
  f(',x,,node,metadata.name,,abc,', 'MarketPriceHourly "abc" is no price');
  f(',x,,node,metadata.name,,,', 'MarketPriceHourly "" is no price');
  f(',x,,node,metadata.name,,1000000,', 'from 0 to 999999');
  f(',x,,node,metadata.annotations.a,,1,', 'InstanceIDField "metadata.annotations.a"');
  f(',x,,node,metadata.labels.,,1,', 'InstanceIDField');
  f(',,,node,metadata.name,,1,', 'neither an InstanceID nor an InstanceType');
  f(',x,,disk,metadata.name,,1,', 'AssetClass "disk" is not known');
  f(',x,,pv,metadata.name,,1,', 'volumes are priced by spec.storageClassName');
  f(',x,eu,pv,spec.storageClassName,,1,', 'one rate in all regions');
  f(',,,gpu,label,,1,', 'a GPU needs a label');
  f('x,1', 'it has 2 cells, and there are 8 columns');
});

test('a header that cannot be meant and a book that is too long are refused by name', () => {
  const f = (text: string, message: string) => expect(() => readPriceCsv(text)).toThrow(message);
  f('', 'the CSV is empty');
  f('InstanceID,MarketPriceHourly', 'InstanceIDField is missing');
  f(`${HEADER},Extra`, '"Extra" is not known');
  f(`${HEADER},Version`, 'Version stands there twice');
  f(`${HEADER}\n"open`, 'the CSV cannot be read');
  f(`${HEADER}\n${',n,,node,metadata.name,,1,\n'.repeat(PRICE_CSV_LINES_MAX + 1)}`, 'at most 5000');
  const nodes = Array.from({ length: 1_001 }, (_, index) => `,n${index},,node,metadata.name,,1,`);
  expect(() => read(...nodes)).toThrow('makes 1001 rules; at most 1000');
});

test('whatever is read is a book that a price version takes, or a refusal', () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('', 'node', 'gpu', 'pv', 'metadata.name', '0.1', '"', '\n'),
  );
  const line = fc.array(cell, { minLength: 7, maxLength: 9 }).map((cells) => cells.join(','));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      try {
        const { rules, storageClasses } = read(...lines);
        checkPrice({ effectiveFrom: 0, rates: BOOK_RATES.default, storageClasses, rules });
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 500 },
  );
});
