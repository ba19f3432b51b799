import { AppError } from '../lib/errors.ts';
import type { NodeReportAsk } from './node-asks.ts';

const LABEL = 'label:';
const KEY_CHARS_MAX = 317; // a prefix of 253, a slash, a name of 63

/** `cluster,node_type,label:team` as its parts. Throws `invalid_request` for anything else, and for a second label. */
export function readGroupBy(text: string): Pick<NodeReportAsk, 'byCluster' | 'byNodeType' | 'byLabel'> {
  const groups = text.split(',').map((group) => group.trim());
  const labels = groups.filter((group) => group.startsWith(LABEL)).map((group) => group.slice(LABEL.length));
  if (labels.length > 1) throw refusal(`cannot group by ${labels.length} labels; at most one`);
  const isKnown = (group: string) => group === 'cluster' || group === 'node_type' || isLabel(group);
  if (!groups.every(isKnown)) throw refusal('can group by cluster, node_type and label:<key>');
  return { byCluster: groups.includes('cluster'), byNodeType: groups.includes('node_type'), byLabel: labels[0] };
}

function isLabel(group: string): boolean {
  return group.startsWith(LABEL) && group.length > LABEL.length && group.length <= LABEL.length + KEY_CHARS_MAX;
}

function refusal(message: string): AppError {
  return new AppError('invalid_request', message, { details: { field: 'group_by' } });
}
