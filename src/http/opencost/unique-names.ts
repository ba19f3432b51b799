/** A row of an answer in which rows go by their names. */
interface Named<T> {
  readonly name: string;
  /** Whether the name is a word of OpenCost's, such as `__idle__`: then it keeps it. */
  readonly isSpecial: boolean;
  readonly value: T;
}

/**
 * Entries of an object, each of a name of its own: `web`, `web (2)`. Values may hold the slash that stands between values, or be
 * written like a special name, and a reader of JSON keeps only one of what is there twice.
 */
export function* uniquelyNamed<T>(rows: readonly Named<T>[]): Generator<readonly [string, T]> {
  const taken = new Set(rows.filter(({ isSpecial }) => isSpecial).map(({ name }) => name));
  const times = new Map<string, number>();
  for (const { name, isSpecial, value } of rows) {
    if (isSpecial) {
      yield [name, value];
      continue;
    }
    let unique = name;
    for (let nth = times.get(name) ?? 1; taken.has(unique); nth++) {
      unique = `${name} (${nth + 1})`;
      times.set(name, nth + 1);
    }
    taken.add(unique);
    yield [unique, value];
  }
}
