import type { Command } from 'commander';
import { AppError } from '../../lib/errors.ts';

/** What stands before the name of a report below `report` is an option of another one, and would be silently without effect. */
export function refuseStrayOptions(report: Command, name: string): void {
  const stray = report.options.filter((option) => report.getOptionValueSource(option.attributeName()) === 'cli');
  if (stray.length === 0) return;
  const names = stray.map(({ long }) => long).join(', ');
  throw new AppError('invalid_request', `put ${names} after "${name}": before it, it is of another report`);
}
