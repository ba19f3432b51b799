import { z } from 'zod';
import { listClusters } from '../../../contracts/clusters.ts';
import type { ServerDeps } from '../../dependencies.ts';
import { visibleClusters } from '../../routes/clusters.ts';
import { Note, noteOf, ROWS_MAX } from '../bounds.ts';
import { paragraphs, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

export function listClustersTool({ clusters }: Pick<ServerDeps, 'clusters'>): Tool {
  return defineTool({
    name: 'list_clusters',
    title: 'List clusters',
    description:
      'The Kubernetes clusters that this key may see, by name, and when each last reported. Their names are what filters of other tools take: cluster:"east".',
    input: z.strictObject({}),
    output: listClusters.reply.extend({ note: Note }),
    async answer(_, { principal }) {
      const all = await visibleClusters(clusters, principal);
      const shown = all.slice(0, ROWS_MAX);
      const table = tableText(shown, [
        { title: 'cluster', cell: (row) => row.cluster_name },
        { title: 'last seen', cell: (row) => row.last_seen_at ?? 'never' },
      ]);
      const note = noteOf({ total: all.length, shown: shown.length, offset: 0 });
      return { structured: { clusters: shown, note }, text: paragraphs(table, note) };
    },
  });
}
