/** As much of PromQL as a pull speaks: one range selector, `{name="value",…}[300000ms]`. */
export interface RangeSelector {
  readonly rangeMs: number;
  matches(labels: Readonly<Record<string, string>>): boolean;
}

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

const SELECTOR = /^\{(.*)\}\[(\d{1,12})(ms|s|m|h)\]$/s;
const MATCHER = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)/y;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `undefined` where the text is anything else. */
export function parseRangeSelector(text: string): RangeSelector | undefined {
  const [, inner, count, unit = ''] = SELECTOR.exec(text.trim()) ?? [];
  if (inner === undefined) return undefined;
  const matchers = parseMatchers(inner);
  if (!matchers) return undefined;
  const tests = matchers.map(testOf);
  return { rangeMs: Number(count) * (UNIT_MS[unit] ?? 1), matches: (labels) => tests.every((test) => test(labels)) };
}

function parseMatchers(text: string): Matcher[] | undefined {
  const matchers: Matcher[] = [];
  const pattern = new RegExp(MATCHER);
  while (pattern.lastIndex < text.length) {
    const [, label, operator, quoted] = pattern.exec(text) ?? [];
    if (label === undefined || operator === undefined || quoted === undefined) return undefined;
    matchers.push({ label, operator, value: String(JSON.parse(quoted)) });
  }
  return matchers;
}

/** A label that is not there has the empty value; expressions match the whole of one. */
function testOf({ label, operator, value }: Matcher): (labels: Readonly<Record<string, string>>) => boolean {
  const isWanted = operator === '=' || operator === '=~';
  if (!operator.endsWith('~')) return (labels) => ((labels[label] ?? '') === value) === isWanted;
  const whole = new RegExp(`^(?:${value})$`);
  return (labels) => whole.test(labels[label] ?? '') === isWanted;
}
