const PREFIX = 'label_';
const NOT_IN_A_METRIC = /[^a-zA-Z0-9_]/g;

/**
 * The ways in which stored labels may spell a label's key: as Kubernetes does, and as operators and Prometheus do, which
 * put `label_` before it and make underscores of what a metric's label cannot have. The given order is kept.
 */
export function labelSpellings(keys: readonly string[]): string[] {
  const all = keys.flatMap((key) => {
    const bare = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
    return [key, bare, bare.replaceAll(NOT_IN_A_METRIC, '_'), `${PREFIX}${bare.replaceAll(NOT_IN_A_METRIC, '_')}`];
  });
  return [...new Set(all)].filter((key) => key !== '');
}
