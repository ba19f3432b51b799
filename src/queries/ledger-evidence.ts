import { z } from 'zod';
import { askedMs, ledgerHours, type Window } from '../core/coverage.ts';
import { formatPerUsd, LEDGER_CURRENCY } from '../core/currency.ts';
import { type Clock, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import { clustersOf, coverageRatio } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import type { Evidence, EvidenceScope } from './evidence.ts';
import { readLedgerView, viewRequest } from './ledger-view.ts';
import { readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly rates: Pick<ExchangeRates, 'list'>;
  readonly clock: Clock;
}

const SetCoverage = z.object({ set_s: z.coerce.number(), covered_ms: z.coerce.number() });

export function createEvidence({ columnar, clusters, rates, clock }: Deps): Evidence {
  return {
    async look(scope, signal) {
      const [known, perDay] = await Promise.all([clustersSeen(clusters, scope), ratesText(rates, scope)]);
      const view = await readLedgerView(columnar, viewRequest(scope, { clusters: known, now: clock.now() }), signal);
      return { stamp: JSON.stringify([view.stamp, known.map(({ id, name }) => [id, name]), perDay]), view };
    },
    async coverageBySet(scope, signal) {
      const now = clock.now();
      const known = clustersOf(await clustersSeen(clusters, scope), scope.filter);
      const hours = scope.sets.map(ledgerHours);
      const starts = hours.filter(({ start, end }) => start < end).map(({ start }) => start / SECOND_MS);
      const params = { ...paramsOf(scope, known), set_starts: starts.length === 0 ? [0] : starts };
      const rows = await columnar.rows({ sql: readSql('set-coverage'), params, row: SetCoverage }, signal);
      const covered = new Map(rows.map(({ set_s, covered_ms }) => [set_s * SECOND_MS, covered_ms]));
      return hours.map(({ start, end }) => {
        const ofSet = start < end ? (covered.get(start) ?? 0) : 0;
        return coverageRatio(ofSet, askedMs({ start, end }, now) * known.length);
      });
    },
  };
}

async function clustersSeen(clusters: Deps['clusters'], { tenant, onlyCluster }: EvidenceScope): Promise<Cluster[]> {
  const known = await clusters.list(tenant);
  return known.filter(({ id }) => onlyCluster === null || id === onlyCluster);
}

/** Rates that the scope's hours are converted by; nothing of US dollars. */
async function ratesText(rates: Deps['rates'], { tenant, currency = LEDGER_CURRENCY, ...scope }: EvidenceScope) {
  if (currency === LEDGER_CURRENCY) return undefined;
  const known = await rates.list(tenant, currency, hoursOf(scope));
  return known.map(({ effectiveOn, perUsd }) => [effectiveOn, formatPerUsd(perUsd)]);
}

function hoursOf({ sets }: Pick<EvidenceScope, 'sets'>): Window {
  return ledgerHours({ start: sets[0]?.start ?? 0, end: sets.at(-1)?.end ?? 0 });
}

function paramsOf({ tenant, sets }: EvidenceScope, known: readonly Cluster[]) {
  const hours = hoursOf({ sets });
  return {
    tenant,
    clusters: known.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
}
