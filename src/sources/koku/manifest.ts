import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { nameSchema } from '../envelope.ts';
import { MEMBERS_MAX } from './limits.ts';
import { parseReportTime } from './report-time.ts';

/** What an upload says of itself. */
export interface Manifest {
  /** The same for all archives that one report was split over; `null` where the sender gave none. */
  readonly uuid: string | null;
  /** The cluster as its operator knows it: most often, but not always, a UUID. */
  readonly clusterId: string;
  /** The cluster's name for people; the id again where it has none. */
  readonly clusterName: string;
  /** When the reports were made, milliseconds; `null` where it does not say. */
  readonly date: number | null;
  /** Names of the reports, of this archive or of a sibling. */
  readonly files: readonly string[];
}

const PROBLEMS_SHOWN_MAX = 5;
const FILE_CHARS_MAX = 255;

/** A name that is a file of its own folder on any system. */
export function isPlainName(name: string): boolean {
  const parts = /[/\\]|^\.{1,2}$|[\p{Cc}\p{Cs}]/u;
  return name !== '' && name.length <= FILE_CHARS_MAX && !parts.test(name);
}

const fileNames = z
  .array(z.string().refine(isPlainName, 'must be the plain name of a file'))
  .max(MEMBERS_MAX)
  .nullish()
  .transform((names) => names ?? []);

const identifier = nameSchema.trim().min(1);

/** Everything else that operators write is for people, and not looked at. */
const ManifestSchema = z.looseObject({
  uuid: z.guid().nullish(),
  cluster_id: identifier,
  date: z.string().nullish(),
  files: fileNames,
  resource_optimization_files: fileNames,
  cr_status: z
    .looseObject({ source: z.looseObject({ name: z.string().nullish() }).nullish() })
    .nullish()
    .catch(null),
});

/** Throws `invalid_payload` with the first problems named. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const result = ManifestSchema.safeParse(jsonOf(bytes));
  if (!result.success) {
    const { issues } = result.error;
    const text = issues.slice(0, PROBLEMS_SHOWN_MAX).map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new AppError('invalid_payload', `manifest.json cannot be used: ${text.join('; ')}`);
  }
  const { uuid, cluster_id, date, files, resource_optimization_files, cr_status } = result.data;
  const at = parseReportTime(date ?? '');
  const name = identifier.safeParse(cr_status?.source?.name);
  return {
    uuid: uuid?.toLowerCase() ?? null,
    clusterId: cluster_id,
    clusterName: name.success ? name.data : cluster_id,
    date: Number.isNaN(at) ? null : at,
    files: [...new Set([...files, ...resource_optimization_files])],
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new AppError('invalid_payload', 'manifest.json is not UTF-8');
  try {
    return JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
  } catch (cause) {
    throw new AppError('invalid_payload', 'manifest.json is not JSON', { cause });
  }
}
