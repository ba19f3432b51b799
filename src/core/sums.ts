/**
 * Which sums a day of the ledger has when it is summed up. A day with fewer is read from its hours until it has them.
 * 0: by workload. 1: volumes, load balancers and nodes too.
 */
export const DAY_SUMS = 1;

/** The same of an hour. 0: none, it is read container by container. 1: by workload. */
export const HOUR_SUMS = 1;
