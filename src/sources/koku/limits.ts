/** What one upload may be. Beyond any of these it is refused, and the refusal names the limit. */
export interface KokuLimits {
  /** All members together, unpacked. */
  readonly unpackedBytesMax: number;
  /** How far ahead of our clock the hour of a row may start. */
  readonly futureMs: number;
  /** Rows of an earlier hour are refused: the ledger no longer keeps it. */
  readonly oldestHour: number;
}

/** Members of one archive, and files of one manifest; an operator sends some ten. */
export const MEMBERS_MAX = 1_000;
/** Unpacked bytes for each packed one. Reports repeat themselves a lot and reach some 60; a bomb of zeros reaches 1,000. */
export const RATIO_MAX = 250;
/** Below so many unpacked bytes the ratio does no harm, and small archives of equal rows reach high ones. */
export const RATIO_FREE_BYTES = 16 * 2 ** 20;
/** As the receiving end of the operators has it. */
export const MANIFEST_BYTES_MAX = 10 * 2 ** 20;
/** One row of a report, its labels included. */
export const ROW_BYTES_MAX = 256 * 2 ** 10;
export const COLUMNS_MAX = 200;
/** Nodes and namespaces, each counted once an hour, that one upload may speak of: a month of 500 nodes. They are held in memory until its end. */
export const MERGED_FACTS_MAX = 400_000;
/** Refused rows of one file that the answer names; the rest are only counted. */
export const REFUSED_SHOWN_MAX = 20;
