/** What one source told of one hour of one cluster. */
export interface SourceReport {
  readonly source: string;
  /** Milliseconds of the hour that its posts cover. */
  readonly coveredMs: number;
}

/** A richer source that covered at least this share of what the best one did is preferred to a poorer one that covered more. */
export const COVERED_ENOUGH = 0.9;

/**
 * The source that knows what pods asked for, who owns them and exactly when they ran, but not what they used: it is joined
 * to whichever source is counted. By itself it is counted only where no other reported anything.
 */
export const ENRICHING_SOURCE = 'kubernetes';

/**
 * Which of several sources is counted for an hour: the richest that covered it. `order` names the sources from the
 * richest to the poorest; one that is not named comes after all that are, in the order of names. The others are kept and
 * shown, never added.
 */
export function sourceOfRecord<T extends SourceReport>(all: readonly T[], order: readonly string[]): T | undefined {
  const telling = all.filter(({ source, coveredMs }) => source !== ENRICHING_SOURCE && coveredMs > 0);
  const reports = telling.length > 0 ? telling : all;
  const best = Math.max(...reports.map((report) => report.coveredMs));
  const rank = ({ source }: T) => (order.includes(source) ? order.indexOf(source) : order.length);
  return reports
    .filter((report) => report.coveredMs >= best * COVERED_ENOUGH)
    .sort((a, b) => rank(a) - rank(b) || (a.source < b.source ? -1 : 1))[0];
}

/** Why a source is counted for an hour. */
export interface RecordReason {
  /** `only`: no other reported. `first`: the richest of all that did. `covered_more`: richer ones covered too little. */
  readonly code: 'only' | 'first' | 'covered_more';
  /** Richer sources that covered too little of what the best one did. */
  readonly passedOver: readonly string[];
}

/** Why `counted` is the source of record among `reports`, which hold it. */
export function reasonOfRecord(
  counted: string,
  reports: readonly SourceReport[],
  order: readonly string[],
): RecordReason {
  const rank = (source: string) => (order.includes(source) ? order.indexOf(source) : order.length);
  const richer = reports.filter(({ source }) => source !== counted && rank(source) < rank(counted));
  const passedOver = richer.map(({ source }) => source).sort((a, b) => rank(a) - rank(b));
  if (passedOver.length > 0) return { code: 'covered_more', passedOver };
  return { code: reports.length > 1 ? 'first' : 'only', passedOver };
}
