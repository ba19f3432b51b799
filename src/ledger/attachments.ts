import { z } from 'zod';
import { RESTATING_SOURCES } from '../core/hour-facts.ts';
import { ENRICHING_SOURCE } from '../core/source-of-record.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import {
  ATTACHMENT_SERIES,
  ATTACHMENTS,
  type Attachments,
  SURVEY_ATTACHMENTS_OF_POINTS,
} from './attachment-statements.ts';
import { priceParams } from './price-params.ts';
import { DROP_SCRATCH } from './statements.ts';
import type { HourReport, Shape } from './survey.ts';
import type { Told } from './told.ts';

/**
 * What a cluster pays for beside its nodes: volumes and load balancers. The source of record of the hour tells of them, all or
 * none; where it tells of none, the Kubernetes API does, if it watched.
 */
export interface AttachmentHour {
  /** Tenant, cluster and hour, as the statements are bound to them. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly price: PriceVersion;
  readonly version: bigint;
  /** With which one insert is one block. */
  readonly settings: Readonly<Record<string, string | number>>;
}

const KINDS = ['volumes', 'balancers'] as const satisfies readonly (keyof Attachments)[];
type Kind = (typeof KINDS)[number];

/** Stands where a source would, for rows that the ledger holds of this hour already. */
const LEDGER = 'ledger';

/** Volumes and balancers that somebody told of in points: the only rows of the scratch table that matter here. */
const InSeries = z.object({ what: z.enum(KINDS) });

/** Whose word counts, in which shape, and how long it stands. */
interface Teller {
  readonly source: string;
  readonly shape: Shape;
  readonly holdMs: number;
  readonly intervalMs: number;
}

interface ToldBy {
  readonly told: readonly Told[];
  readonly record: HourReport;
  readonly beside: HourReport | undefined;
}

/** Writes the hour's volumes and balancers anew; each is one insert of one block. */
export async function priceAttachments(
  columnar: Columnar,
  { told, record, beside, ...hour }: AttachmentHour & ToldBy,
  signal?: AbortSignal,
): Promise<void> {
  const first = tellerOf(record);
  const write = async (kind: Kind, teller: Teller, more: Readonly<Record<string, string>> = {}) => {
    const params = { ...hour.key, ...rates(hour), ...toldBy(teller), ...more };
    await columnar.command({ sql: ATTACHMENTS[teller.shape][kind], params, settings: hour.settings }, signal);
  };
  const writeOthers = async (kinds: readonly Kind[]) => {
    const others = beside ?? { ...record, source: ENRICHING_SOURCE };
    for (const kind of kinds) {
      if (isTold(told, kind, ENRICHING_SOURCE)) await write(kind, tellerOf({ ...others, shape: 'samples' }));
      // Nobody tells of them any more: this writes nothing anew, and takes back what stands.
      else if (isTold(told, kind, LEDGER)) await write(kind, { ...first, shape: 'samples' });
    }
  };

  if (record.shape !== 'points') {
    const own = KINDS.filter((kind) => isTold(told, kind, record.source));
    for (const kind of own) await write(kind, first);
    await writeOthers(KINDS.filter((kind) => !own.includes(kind)));
    return;
  }
  // The survey tells of points whether the source has such series at all: most have none, and need no scratch table.
  let own: Kind[] = [];
  if (KINDS.some((kind) => isTold(told, kind, record.source))) {
    await withSeries(columnar, { hour, teller: first }, async (scratch) => {
      const params = { ...hour.key, ...toldBy(first), scratch };
      const inSeries = await columnar.rows({ sql: SURVEY_ATTACHMENTS_OF_POINTS, params, row: InSeries }, signal);
      own = KINDS.filter((kind) => inSeries.some(({ what }) => what === kind));
      for (const kind of own) await write(kind, first, { scratch });
    });
  }
  await writeOthers(KINDS.filter((kind) => !own.includes(kind)));
}

/** Prices the hour's volumes and balancers again, from the quantities that the ledger holds. */
export async function repriceAttachments(
  columnar: Columnar,
  hour: AttachmentHour,
  signal?: AbortSignal,
): Promise<void> {
  const params = { ...hour.key, ...rates(hour) };
  for (const kind of KINDS) {
    await columnar.command({ sql: ATTACHMENTS.ledger[kind], params, settings: hour.settings }, signal);
  }
}

function isTold(told: readonly Told[], kind: Kind, by: string): boolean {
  return told.some((one) => one.source === by && one[kind] > 0);
}

function tellerOf({ source, shape, holdMs, usualIntervalMs }: HourReport): Teller {
  return { source, shape, holdMs, intervalMs: usualIntervalMs };
}

function toldBy({ source, holdMs, intervalMs }: Teller) {
  return {
    told_by: source,
    told_hold_ms: holdMs,
    told_interval_ms: intervalMs,
    restates: RESTATING_SOURCES.has(source),
  };
}

function rates({ price, version }: Pick<AttachmentHour, 'price' | 'version'>) {
  return { ...priceParams(price), version: version.toString() };
}

/** Begins as all scratch tables do: whoever leads the rollup drops what a predecessor left (rollup.ts). */
const SCRATCH_PREFIX = 'scratch_attachments_';

/** Puts the series that tell of volumes and balancers in a table of their own for as long as `work` goes on. */
async function withSeries(
  columnar: Columnar,
  { hour, teller }: { hour: AttachmentHour; teller: Teller },
  work: (scratch: string) => Promise<void>,
): Promise<void> {
  const scratch = `${SCRATCH_PREFIX}${hour.version}`;
  const params = { ...hour.key, ...toldBy(teller), scratch };
  try {
    await columnar.command({ sql: ATTACHMENT_SERIES, params, settings: hour.settings });
    await work(scratch);
  } finally {
    await columnar.command({ sql: DROP_SCRATCH, params: { scratch } });
  }
}
