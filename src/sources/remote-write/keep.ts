/** Whether a metric is kept. */
export type KeepRule = (metric: string) => boolean;

/**
 * Each rule is the whole name of a metric, or a regular expression that must match the whole of it. Throws `SyntaxError` where a rule is no regular expression; the settings are checked
 * before.
 */
export function createKeepRule(rules: readonly string[]): KeepRule {
  const whole = new RegExp(`^(?:${rules.map((rule) => `(?:${rule})`).join('|')})$`);
  return (metric) => whole.test(metric);
}
