/** What one source told of one hour of one cluster. */
export interface SourceReport {
  readonly source: string;
  /** Milliseconds of the hour that its posts cover. */
  readonly coveredMs: number;
}

/** A richer source that covered at least this share of what the best one did is preferred to a poorer one that covered more. */
const COVERED_ENOUGH = 0.9;

/**
 * Which of several sources is counted for an hour: the richest that covered it. `order` names the sources from the
 * richest to the poorest; one that is not named comes after all that are, in the order of names. The others are kept and
 * shown, never added.
 */
export function sourceOfRecord<T extends SourceReport>(reports: readonly T[], order: readonly string[]): T | undefined {
  const best = Math.max(...reports.map((report) => report.coveredMs));
  const rank = ({ source }: T) => (order.includes(source) ? order.indexOf(source) : order.length);
  return reports
    .filter((report) => report.coveredMs >= best * COVERED_ENOUGH)
    .sort((a, b) => rank(a) - rank(b) || (a.source < b.source ? -1 : 1))[0];
}
