/** How long a cluster was watched, over the hours of a window. */
export interface ClusterLife {
  /** Start of the last hour that is covered (milliseconds). */
  readonly lastCoveredAt: number;
  /** Milliseconds covered from the start of an hour on. */
  coveredMsFrom(hour: number): number;
}

/** From covered milliseconds by cluster and hour; what covers nothing has no life. */
export function clusterLives(
  hours: ReadonlyMap<string, ReadonlyMap<number, number>>,
): ReadonlyMap<string, ClusterLife> {
  return new Map(
    [...hours].flatMap(([cluster, covered]) => {
      const life = lifeOf(covered);
      return life ? [[cluster, life] as const] : [];
    }),
  );
}

function lifeOf(covered: ReadonlyMap<number, number>): ClusterLife | undefined {
  const latestFirst = [...covered].filter(([, ms]) => ms > 0).toSorted(([a], [b]) => b - a);
  const [last] = latestFirst;
  if (last === undefined) return undefined;
  let sum = 0;
  const from = new Map(
    latestFirst.map(([hour, ms]) => {
      sum += ms;
      return [hour, sum];
    }),
  );
  return { lastCoveredAt: last[0], coveredMsFrom: (hour) => from.get(hour) ?? 0 };
}
