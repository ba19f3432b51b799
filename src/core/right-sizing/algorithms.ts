import type { ResourceHistory } from './history.ts';

/**
 * How much of a resource a replica is taken to need, in the resource's units, before any headroom. Never less than nothing;
 * that it is not less than what was seen is not its business (see recommend-request.ts).
 */
export type RequestAlgorithm = (history: ResourceHistory) => bigint;

/** By the names that Kubecost's right-sizing has for them. */
export const ALGORITHMS = {
  max: ({ usageMax }) => usageMax,
} as const satisfies Record<string, RequestAlgorithm>;

export type AlgorithmName = keyof typeof ALGORITHMS;
