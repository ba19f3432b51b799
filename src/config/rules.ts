import type { z } from 'zod';
import type { ConfigSchema } from './schema.ts';

/** A section is missing here when it is wrong by itself; rules about it then wait. */
export type Sections = Partial<z.output<typeof ConfigSchema>>;

interface Violation {
  readonly key: string;
  readonly message: string;
}

/** What must hold between settings: each rule names the setting to change and both numbers. */
export function brokenRules({ http, relational, keys, intake, retention, rollup, pulls }: Sections): Violation[] {
  const broken: Violation[] = [];
  const require = (holds: boolean, key: string, message: string): void => {
    if (!holds) broken.push({ key, message });
  };
  if (http) {
    require(http.bodyDecompressedBytesMax >=
      http.bodyBytesMax, 'http.bodyDecompressedBytesMax', `${http.bodyDecompressedBytesMax} is below http.bodyBytesMax, ${http.bodyBytesMax}`);
  }
  if (relational && keys) {
    require(relational.engine !== 'postgres' ||
      keys.pepper !==
        undefined, 'keys.pepper', 'required with relational.engine postgres: all replicas must hash keys alike');
  }
  if (intake) {
    for (const key of ['groupRowsMax', 'rowsPerPostMax'] as const) {
      require(intake[key] <=
        intake.queueRowsMax, `intake.${key}`, `${intake[key]} is above intake.queueRowsMax, ${intake.queueRowsMax}`);
    }
  }
  if (intake && retention) {
    require(intake.sampleAgeDaysMax <
      retention.samplesDays, 'intake.sampleAgeDaysMax', `${intake.sampleAgeDaysMax} is not below retention.samplesDays, ${retention.samplesDays}: such samples would be dropped before they are counted`);
  }
  if (rollup) {
    require(new Set(rollup.sourceOrder).size ===
      rollup.sourceOrder.length, 'rollup.sourceOrder', 'names a source twice');
  }
  if (pulls) {
    const names = new Set(pulls.map((pull) => pull.name));
    require(names.size === pulls.length, 'pulls', 'gives two pulls one name');
    for (const { name, basic, bearer, headers } of pulls) {
      const given = Object.keys(headers).some((header) => header.toLowerCase() === 'authorization');
      require(!given ||
        (basic ?? bearer) ===
          undefined, 'pulls', `gives "${name}" an Authorization twice: in headers, and as basic or bearer`);
      require(basic === undefined ||
        bearer === undefined, 'pulls', `gives "${name}" both basic and bearer: only one of them can be sent`);
    }
  }
  return broken;
}
