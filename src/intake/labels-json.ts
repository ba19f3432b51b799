/**
 * Labels as one JSON object with sorted keys: equal labels are equal bytes, so a re-delivered sample is the same row
 * whatever order its sender wrote them in.
 */
export function labelsJson(labels: Readonly<Record<string, string>>): string {
  const keys = Object.keys(labels).sort(); // by code units: the same on every machine, unlike a locale's order
  if (keys.length === 0) return '{}';
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(labels[key])}`).join(',')}}`;
}
