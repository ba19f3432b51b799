import { ALL } from '../../src/core/filter/tree.ts';
import type { AdviceAims } from '../../src/core/right-sizing/advise.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { formatMoney } from '../../src/lib/money.ts';
import { createRecommendationQueries } from '../../src/queries/ledger-recommendation-queries.ts';
import type { Recommendation } from '../../src/queries/recommendations.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import type { LedgerLab } from './ledger-lab.ts';

const MILLICORE = 1_000n;
const MIB = 2n ** 20n;

/** As Kubecost has them by default. */
export const USUAL_AIMS: AdviceAims = {
  cpu: { algorithm: 'max', targetUtilization: 0.7, min: 10n * MILLICORE },
  ram: { algorithm: 'max', targetUtilization: 0.7, min: 20n * MIB },
  observedHoursMin: 24,
};

interface AskedWindow {
  readonly tenant: string;
  readonly start: number;
  readonly end: number;
}

/** Savings by advice in words: `shop/web cpu=172m ram=429Mi`; what there is no advice on by why: `shop/web too_new`. */
export async function ledgerAdvice(lab: LedgerLab, { tenant, ...window }: AskedWindow): Promise<[string, string][]> {
  const { columnar, relational } = lab;
  const queries = createRecommendationQueries({
    columnar,
    clusters: createClusters(relational.db),
    clock: systemClock,
  });
  const question = { tenant, onlyCluster: null, window, filter: ALL, aims: USUAL_AIMS };
  const { recommendations } = await queries.recommend(question);
  return recommendations.map(inWords);
}

function inWords({ workload, advice }: Recommendation): [string, string] {
  const name = [workload.namespace, workload.controller, workload.container].filter((part) => part !== '').join('/');
  if (typeof advice === 'string') return [`${name} ${advice}`, '0'];
  const cpu = advice.cpu.recommended === null ? 'unknown' : `${advice.cpu.recommended / MILLICORE}m`;
  const ram = advice.ram.recommended === null ? 'unknown' : `${advice.ram.recommended / MIB}Mi`;
  return [`${name} cpu=${cpu} ram=${ram}`, formatMoney(advice.monthlySavings)];
}
