import { type Asset, AssetAnswer, AssetQuery } from '../../../contracts/assets.ts';
import { assetAnswer } from '../../assets/answer.ts';
import { assetQuestionOf } from '../../assets/read-query.ts';
import type { ServerDeps } from '../../dependencies.ts';
import { Note, noteOfSets, RowLimit, rowsOfEachSet } from '../bounds.ts';
import { amountText, type Column, headline, moneyText, paragraphs, tableText } from '../text.ts';
import { defineTool, type Tool } from '../tool.ts';

const COLUMNS: readonly Column<Asset>[] = [
  { title: 'name', cell: (row) => row.name },
  { title: 'type', cell: (row) => row.properties['type'] ?? '' },
  { title: 'assets', cell: (row) => String(row.assets) },
  { title: 'hours', cell: (row) => amountText(row.minutes / 60) },
  { title: 'total', cell: (row) => moneyText(row.cost.total) },
  { title: 'cpu', cell: (row) => moneyText(row.cost.cpu) },
  { title: 'ram', cell: (row) => moneyText(row.cost.ram) },
  { title: 'gpu', cell: (row) => moneyText(row.cost.gpu) },
  { title: 'other', cell: (row) => moneyText(row.cost.other) },
];

export function getAssetsTool({ assets, clock }: Pick<ServerDeps, 'assets' | 'clock'>): Tool {
  return defineTool({
    name: 'get_assets',
    title: 'What clusters are paid for',
    description: `Nodes, disks, load balancers, network and management of clusters: what each cost over the window, in US dollars unless currency says otherwise, whoever used it. By type unless aggregate says otherwise: cluster, provider, pool, name, label:<name>, several with commas; '' for each asset by itself. Nodes also tell how much of them was idle, and how much of the time they were spot.

Examples: {"window":"lastmonth"}; {"filter":"assetType:\\"node\\"","aggregate":"","limit":20}; {"aggregate":"cluster,pool","filter":"assetType:\\"node\\""}`,
    input: AssetQuery.extend({
      aggregate: AssetQuery.shape.aggregate.unwrap().default('type'),
      limit: RowLimit,
    }),
    output: AssetAnswer.extend({ note: Note }),
    async answer(query, { principal, signal }) {
      const question = assetQuestionOf(query, principal, clock.now());
      const limit = rowsOfEachSet(question.sets.length, query.limit);
      const found = await assets.sets(question, signal);
      const answer = assetAnswer(found, { keys: question.keys, query: { ...query, limit } });
      const tables = answer.sets.map(({ start, end, total, assets: rows }) =>
        paragraphs(`${start} to ${end}: ${moneyText(total.total)} in all`, tableText(rows, COLUMNS)),
      );
      const sets = answer.sets.map(({ rows, assets: shown }) => ({ total: rows, shown: shown.length }));
      const note = noteOfSets(sets, query.offset);
      return { structured: { ...answer, note }, text: paragraphs(headline(answer), ...tables, note) };
    },
  });
}
