import { expect, test } from 'vitest';
import { countDebts, type Debt } from '../../scripts/lib/debts.ts';
import { codeOnly } from '../../scripts/lib/source-text.ts';

test('comments and the insides of texts are blanked, and lines stay where they were', () => {
  const f = (source: string, want: string) => expect(codeOnly(source)).toBe(want);
  f("a('b') // c\nd", "a(' ')     \nd");
  f('a /* b\nc */ d', 'a     \n     d');
  f('a(`b ${c} d`)', 'a(`        `)');
  f("a = /'/; b('c')", "a = / /; b(' ')");
  f("a = b / c; d = 'e' / f", "a = b / c; d = ' ' / f");
  f("it('\\'a')", "it('   ')");
  f("a('http://b')", "a('        ')");
});

test('what the ratchet counts, and what it does not', () => {
  const f = (source: string, debt: Debt, want: number, file = 'src/x.ts') =>
    expect(countDebts(file, source)[debt], source).toBe(want);
  f('const a: any = 1;', 'any', 1);
  f('function a(b: any, c: Array<any>): any {}', 'any', 3);
  f('const a = b as any;', 'any', 1);
  f("const a = 'any: any'; // any: any", 'any', 0);
  f('const anything: Company = any_thing;', 'any', 0);
  f('a!.b; c[0]!; d()!.e; f(g!);', 'nonNull', 4);
  f('if (!a && b !== c && !(d)) {}', 'nonNull', 0);
  f('const a = b as C; const d = (e) as { f: 1 };', 'casts', 2);
  f("import { a as b } from 'c';\nimport * as d from 'e';\nexport { f as g };\nconst h = [1] as const;", 'casts', 0);
  f('const a = b as C;', 'testCasts', 1, 'src/x.test.ts');
  f('const a = b as C;', 'casts', 0, 'src/x.test.ts');
  const [disable, expectError] = ['disable-next-line', 'expect-error']; // whole, they would count here
  f(`// oxlint-${disable} no-console\na();\nb(); // @ts-${expectError}`, 'lintDisables', 2);
  f(`const a = 'oxlint-${disable}';`, 'lintDisables', 0);
  f('a\n'.repeat(400), 'longFiles', 0);
  f('a\n'.repeat(401), 'longFiles', 1);
});
