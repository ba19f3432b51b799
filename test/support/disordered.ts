/** The items in another order, that follows from the numbers. */
export function disordered<T>(items: readonly T[], disorder: readonly number[]): T[] {
  return items
    .map((item, index) => ({
      item,
      rank: ((disorder[index % disorder.length] ?? 0) * 31 + index) % (items.length + 1),
    }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
