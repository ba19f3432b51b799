import type { ServerDeps } from '../dependencies.ts';
import type { Tool } from './tool.ts';
import { explainCostTool } from './tools/explain-cost.ts';
import { getAllocationsTool } from './tools/get-allocations.ts';
import { getAssetsTool } from './tools/get-assets.ts';
import { getEfficiencyTool } from './tools/get-efficiency.ts';
import { getRecommendationsTool } from './tools/get-recommendations.ts';
import { getTrendsTool } from './tools/get-trends.ts';
import { listClustersTool } from './tools/list-clusters.ts';

export type ToolDeps = Pick<
  ServerDeps,
  'clusters' | 'allocations' | 'assets' | 'evidence' | 'explanations' | 'recommendations' | 'clock'
>;

/** Every tool, in the order in which models see them. */
export function createTools(deps: ToolDeps): readonly Tool[] {
  return [
    listClustersTool(deps),
    getAllocationsTool(deps),
    getAssetsTool(deps),
    getTrendsTool(deps),
    getEfficiencyTool(deps),
    getRecommendationsTool(deps),
    explainCostTool(deps),
  ];
}
