/** What `change` makes of each, as they come. */
export async function* mapped<T, U>(
  things: Iterable<T> | AsyncIterable<T>,
  change: (thing: T) => U,
): AsyncGenerator<Awaited<U>> {
  for await (const thing of things) yield await change(thing);
}
