import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { allocationOf, hostileText } from '../../../test/support/allocation-properties.ts';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { AppError } from '../../lib/errors.ts';
import { UNALLOCATED } from '../allocation-properties.ts';
import { matches } from './matches.ts';
import { parseFilter } from './parser.ts';
import { FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX, FILTER_DEPTH_MAX } from './problems.ts';

const web = allocationOf({
  cluster: 'prod',
  namespace: 'shop',
  controller: 'web',
  controllerKind: 'deployment',
  pod: 'web-7c9-x',
  providerId: 'i-1',
  services: ['front', 'metrics'],
  labels: { app_kubernetes_io_name: 'web', team: 'blue', empty: '' },
  annotations: { owner: 'ann', team: 'red' },
  namespaceLabels: { env: 'live' },
});

test('a filter lets through what it says', () => {
  const f = (filter: string, want: boolean) => expect(matches(parseFilter(filter), web), filter).toBe(want);
  f('', true);
  f(' \t\r\n', true);
  f('namespace:"shop"', true);
  f('namespace:"shop","bank"', true);
  f('namespace:"bank","shop"', true);
  f('namespace:"sho"', false);
  f('namespace!:"bank","shop"', false);
  f('namespace!:"bank","other"', true);
  f('namespace~:"ho"', true);
  f('namespace!~:"ho"', false);
  f('namespace<~:"sh"', true);
  f('namespace!<~:"sh"', false);
  f('namespace~>:"op"', true);
  f('namespace!~>:"op"', false);
  f('provider:"i-1"+providerID<~:"i-"', true);
  f('controllerKind:"deployment"+controllerName:"web"', true);
  f('services:"front"', true);
  f('services~:"front"', true);
  f('services~:"fron"', false);
  f('services<~:"fron"', true);
  f('services!:"front"', false);
  f('services!:"back"', true);
  f('label:"team"', true);
  f('label!:"team"', false);
  f('label~:"app.kubernetes.io/name"', true);
  f('label<~:"app."', true);
  f('label[app.kubernetes.io/name]:"web"', true);
  f('label[missing]:""', true);
  f('label[]:"team"', true);
  f('label[missing]:"__unallocated__"', true);
  f('label[team]:"__unallocated__"', false);
  f('node:"__unallocated__"', true);
  f('annotation[owner]~:"nn"', true);
  f('namespaceLabel[env]:"live"', true);
  f('namespaceLabel:"env"+namespaceLabel!:"zone"', true);
});

test('what an allocation does not have is unallocated, and nothing else is', () => {
  const bare = allocationOf({ labels: { foo: 'bar' } });
  const f = (filter: string, ofWeb: boolean, ofBare: boolean) => {
    expect(matches(parseFilter(filter), web), filter).toBe(ofWeb);
    expect(matches(parseFilter(filter), bare), filter).toBe(ofBare);
  };
  for (const field of ['namespace', 'controllerKind', 'services', 'label[team]', 'owner']) {
    f(`${field}:"__unallocated__"`, false, true);
    f(`${field}!:"__unallocated__"`, true, false);
  }
  f('services~:"__unallocated__"', false, true);
  f('services!~:"__unallocated__"', true, false);
  f('services~:"back","metrics"', true, false);
  f('services!~:"back"', true, true);
  f('cluster<~:""', true, true);
  f('label[team]!:"red"', true, true);
  f('annotation[team]!:"red"', false, true);
  f('label:"app.kubernetes.io/name"', true, false);
});

test('an alias asks the label and, only where there is none, the annotation', () => {
  const f = (filter: string, want: boolean) => expect(matches(parseFilter(filter), web), filter).toBe(want);
  f('team:"blue"', true);
  f('team:"red"', false);
  f('owner:"ann"', true);
  f('owner!:"ann"', false);
  f('owner<~:"a"', true);
  f('department:"__unallocated__"', true);
  f('department:""', true);
  f('department!:"x"', true);
  f('department~:"x"', false);
  f('team:"__unallocated__"', false);
  const aliases = { department: 'empty', environment: 'e', owner: 'o', product: 'app.kubernetes.io/name', team: 't' };
  expect(matches(parseFilter('product:"web"+department:""', aliases), web)).toBe(true);
});

test('+ binds what stands in one group with it, | likewise, and they do not mix', () => {
  const f = (filter: string, want: boolean) => expect(matches(parseFilter(filter), web), filter).toBe(want);
  f('namespace:"shop" + cluster:"dev"', false);
  f('namespace:"shop" | cluster:"dev"', true);
  f('(namespace:"x" + cluster:"dev") | pod~:"web"', true);
  f('namespace:"x" + (cluster:"dev" | pod~:"web")', false);
  f('((namespace:"shop"))', true);
  expect(() => parseFilter('namespace:"a"|cluster:"b"+node:"c"')).toThrow(/at character 26: expected \|/);
});

test('a refusal says where and what was expected', () => {
  const f = (filter: string, message: RegExp) => expect(() => parseFilter(filter), filter).toThrow(message);
  f('()', /at character 2: expected a field or \(, got \)/);
  f('(', /at character 2: expected a field or \(, got the end/);
  f('namespace', /at character 10: expected an operator .*got the end/);
  f('namespace:', /at character 11: expected a value in double quotes, got the end/);
  f('namespace:shop', /at character 11: expected a value in double quotes, got shop/);
  f('namespace:"a",', /at character 15: expected a value/);
  f('namespace:"a', /at character 11: the string that opens here has no closing "/);
  f('label[a:"x"', /at character 6: the key that opens here has no closing \]/);
  f('namespace.:"a"', /at character 10: unexpected "\."; expected/);
  f('namespace!"a"', /at character 10: ! begins no operator; expected one of :/);
  f('nmespace:"a"', /at character 1: expected a field \(cluster, .*\), perhaps namespace, got nmespace/);
  f('namespace[a]:"x"', /at character 10: expected an operator .*got \[a\]/);
  f('namespace:"a" cluster:"b"', /at character 15: expected \+ or \| \(in a URL \+ is written %2B\), got cluster/);
  f('namespace:"a")', /at character 14: this \) closes nothing/);
  f('((namespace:"a")', /at character 1: this \( is never closed/);
  f('namespace:"a"+', /at character 15: expected a field/);
  f('🐙:"a"', /at character 1: unexpected "🐙"/);
  f('namespace:"\ud800"', /not well-formed/);
});

/** What a refusal lists; nothing for a filter that is read. */
function problemsOf(filter: string): unknown[] {
  try {
    parseFilter(filter);
  } catch (error) {
    if (error instanceof AppError && Array.isArray(error.details?.['problems'])) return error.details['problems'];
  }
  return [];
}

test('a refusal tells every problem, up to ten', () => {
  expect(problemsOf('a:"x" + b:"y"')).toMatchObject([{ position: 1 }, { position: 9 }]);
  expect(problemsOf(Array.from({ length: 50 }, () => 'a:"x"').join('+'))).toHaveLength(10);
});

test('length, depth and values have limits that the refusal names', () => {
  const deep = (depth: number) => `${'('.repeat(depth)}node:"a"${')'.repeat(depth)}`;
  const wide = (values: number) => `node:${Array.from({ length: values }, () => '"a"').join(',')}`;
  parseFilter(deep(FILTER_DEPTH_MAX));
  parseFilter(wide(FILTER_COMPARISONS_MAX));
  parseFilter(`node:"${'a'.repeat(FILTER_CHARS_MAX - 7)}"`);
  const f = (filter: string, limit: number) => expect(() => parseFilter(filter)).toThrow(new RegExp(`${limit}\\b`));
  f(deep(FILTER_DEPTH_MAX + 1), FILTER_DEPTH_MAX);
  f('('.repeat(FILTER_CHARS_MAX), FILTER_DEPTH_MAX);
  f(wide(FILTER_COMPARISONS_MAX + 1), FILTER_COMPARISONS_MAX);
  f(`node:"${'a'.repeat(FILTER_CHARS_MAX - 6)}"`, FILTER_CHARS_MAX);
});

test('a value may hold anything that text can, as long as its quotes are escaped', () => {
  const f = (filter: string, want: readonly string[]) =>
    expect(parseFilter(filter), filter).toEqual({
      kind: 'text',
      property: 'namespace',
      comparator: 'equals',
      values: want,
    });
  f('namespace:"say \\"hi\\""', ['say "hi"']);
  f('namespace:"\\"","a\\\\","\\\\\\""', ['"', 'a\\', '\\"']);
  f('namespace:"a\\\\b\\n\\""', ['a\\b\\n"']);
  // what OpenCost can read means what it means there: no escapes
  f('namespace:"a\\"', ['a\\']);
  f('namespace:"a\\\\b"', ['a\\\\b']);
  expect(parseFilter('namespace:"a\\"+node:"b"')).toMatchObject({
    kind: 'and',
    parts: [{ values: ['a\\'] }, { values: ['b'] }],
  });
  expect(() => parseFilter('namespace:"a\\"b')).toThrow(/at character 11: the string that opens here has no closing "/);
  expect(() => parseFilter('namespace:"\\"" namespace')).toThrow(/at character 16: expected \+ or \|/);
});

test('values that are quoted are read as the same values, whatever they try', () => {
  const text = fc
    .oneof(
      hostileText(),
      fc
        .array(fc.constantFrom('"', '\\', '\\"', '","', '"+node:"x', '"|(', ')', 'a', "' OR 1=1 --", '\n'), {
          maxLength: 6,
        })
        .map((parts) => parts.join('')),
    )
    .filter((value) => value.isWellFormed() && value !== UNALLOCATED);
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (values) => {
      const filter = `namespace:${quoted(values)}`;
      expect(parseFilter(filter), filter).toEqual({
        kind: 'text',
        property: 'namespace',
        comparator: 'equals',
        values,
      });
    }),
    { numRuns: 2_000 },
  );
});

/** As docs/allocation.md says: quotes are escaped, and then backslashes are too. */
function quoted(values: readonly string[]): string {
  const isEscaped = values.some((value) => value.includes('"'));
  const written = (value: string) => (isEscaped ? value.replaceAll(/["\\]/g, (character) => `\\${character}`) : value);
  return values.map((value) => `"${written(value)}"`).join(',');
}

test('any text is a filter or a refusal that a caller is told', () => {
  const word = fc.constantFrom('namespace', 'label', '[a]', ':', '!~:', '"x"', ',', '+', '|', '(', ')', ' ', '"', 'zz');
  const almost = fc.array(word, { maxLength: 24 }).map((words) => words.join(''));
  fc.assert(
    fc.property(fc.oneof(almost, fc.string({ unit: 'binary' })), (text) => {
      try {
        matches(parseFilter(text), web);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' });
      }
    }),
    { numRuns: 500 },
  );
});

const Table = z.object({
  cases: z.array(z.object({ name: z.string(), input: z.string(), errors: z.number().optional() })),
});

describeOracle('filter_v2_valid', () => {
  test.each(readOracle('filter_v2_valid', Table).cases)('is read: $name', ({ input }) => {
    expect(() => parseFilter(input)).not.toThrow();
  });
});

describeOracle('filter_v2_invalid', () => {
  test.each(readOracle('filter_v2_invalid', Table).cases)('has as many problems: $name', ({ input, errors }) => {
    expect(problemsOf(input)).toHaveLength(errors ?? 0);
  });
});
