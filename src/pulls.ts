import type { Config } from './config/schema.ts';
import type { Pull } from './jobs/pull-job.ts';
import { type Clock, DAY_MS, HOUR_MS, SECOND_MS } from './lib/clock.ts';
import { createKubecostPull } from './sources/kubecost/kubecost-pull.ts';
import { createPrometheusPull } from './sources/prometheus/prometheus.ts';
import type { PullSource } from './sources/pull.ts';

/** What each configured pull is made of. Like app.ts it knows the settings and the sources; nothing else does. */

type PullConfig = Config['pulls'][number];

/** Points are kept as samples are; whole hours as the ledger is. */
const DAYS_PER_MONTH = 30;
/** An answer is about half of what it may be, and up to three of them wait to be written: there is room for others too. */
const QUEUE_SHARE = 0.5;

export function pullsOf(config: Config, clock: Clock): Pull[] {
  return config.pulls.map((pull) => ({
    name: pull.name,
    tenant: pull.tenant,
    cluster: pull.cluster ?? null,
    clusterDefault: config.intake.clusterNameDefault,
    source: sourceOf(pull, config, clock),
    times: timesOf(pull, config),
  }));
}

function sourceOf(pull: PullConfig, { intake }: Config, clock: Clock): PullSource {
  const headers = headersOf(pull);
  if (pull.kind === 'prometheus') {
    const samplesMax = Math.min(pull.samplesPerQueryMax, Math.ceil(intake.queueRowsMax * QUEUE_SHARE));
    return createPrometheusPull({ ...pull, headers, samplesMax });
  }
  const limits = { timeoutMs: pull.timeoutMs, bodyBytesMax: pull.responseBytesMax };
  return createKubecostPull({ url: pull.url, aggregate: pull.aggregate, headers, limits, clock });
}

function timesOf(pull: PullConfig, { intake, retention }: Config): Pull['times'] {
  const common = {
    delayMs: pull.delaySeconds * SECOND_MS,
    intervalMs: pull.intervalSeconds * SECOND_MS,
    backfillMs: pull.backfillDays * DAY_MS,
  };
  if (pull.kind === 'prometheus') return { ...common, stepMs: SECOND_MS, keptMs: intake.sampleAgeDaysMax * DAY_MS };
  const again = { windowMs: pull.reconcileHours * HOUR_MS, everyMs: DAY_MS };
  return { ...common, stepMs: HOUR_MS, keptMs: retention.ledgerMonths * DAYS_PER_MONTH * DAY_MS, again };
}

/** With their secrets in clear: for the source alone. */
function headersOf({ headers, bearer, basic }: PullConfig): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [name, value.reveal()] as const);
  const revealed: Record<string, string> = Object.fromEntries(own);
  if (bearer) return { ...revealed, Authorization: `Bearer ${bearer.reveal()}` };
  if (!basic) return revealed;
  const credentials = Buffer.from(`${basic.user}:${basic.password.reveal()}`).toString('base64');
  return { ...revealed, Authorization: `Basic ${credentials}` };
}
