import { attachedLeaves } from './attached-leaves.ts';
import { byGrain, type Grains, HOURS_ALONE } from './grain.ts';
import { moneySums, type Priced } from './money-sums.ts';
import { fillSql, readSql } from './statements.ts';

/** What costs are cut by, beside clusters: SQL over the ledger's rows `l`. The step is bound as `step`. */
const CUTS = {
  namespace: 'l.namespace',
  step: `multiIf({step:String} = 'week', toDateTime(toMonday(l.at), 'UTC'), {step:String} = 'day', toStartOfDay(l.at, 'UTC'), l.at)`,
} as const;

const QUESTIONS = { namespaces: 'namespace', clusters: 'namespace', trends: 'step' } as const;

interface Asked extends Pick<Priced, 'currency'> {
  readonly grains: Grains;
}

/**
 * A cost question over everything that the ledger holds: the question's SQL over cost-cuts.sql, which reads what is paid for
 * beside nodes from where /v1/allocations reads it. Values are bound, never put in.
 */
export function costStatement(question: keyof typeof QUESTIONS, { grains, ...priced }: Asked): string {
  const cuts = fillSql(readSql('cost-cuts'), {
    cut: CUTS[QUESTIONS[question]],
    leaves: byGrain('cost-leaves', grains).join('\nUNION ALL\n'),
    attached: attachedLeaves(grains),
  });
  return fillSql(readSql(question), { cost_cuts: moneySums(cuts, priced, 'toDate(l.at)') });
}

/** What pods use of what they request, and what each of them cost; by the hour. */
export function utilizationStatement(priced: Pick<Priced, 'currency'>): string {
  const volumes = byGrain('attached-volumes', HOURS_ALONE).join('\nUNION ALL\n');
  return moneySums(fillSql(readSql('utilization'), { volumes }), priced, 'toDate(p.hour)');
}
