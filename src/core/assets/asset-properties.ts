import type { Filter } from '../filter/tree.ts';

/** What a cluster is paid for, in OpenCost's words. */
export const ASSET_TYPES = ['Node', 'Disk', 'LoadBalancer', 'Network', 'ClusterManagement', 'Cloud'] as const;
export type AssetType = (typeof ASSET_TYPES)[number];

/** Categories of costs, by type. */
export const ASSET_CATEGORIES: Readonly<Record<AssetType, string>> = {
  Node: 'Compute',
  Disk: 'Storage',
  LoadBalancer: 'Network',
  Network: 'Network',
  ClusterManagement: 'Management',
  Cloud: 'Other',
};

/**
 * What an asset is known by, in the order in which asset questions read it. `''` stands for what is not known; the claim's or the
 * service's namespace is its `namespace`.
 */
export const ASSET_PROPERTIES = [
  'type',
  'category',
  'provider',
  'account',
  'project',
  'cluster',
  'service',
  'providerId',
  'name',
  'namespace',
  'zone',
  'region',
  'instanceType',
  'pool',
  'storageClass',
  'claim',
  'ip',
] as const;
export type AssetProperty = (typeof ASSET_PROPERTIES)[number];

export type AssetFilter = Filter<AssetProperty>;

/** OpenCost's word for a part of a name that an asset does not have. */
export const UNDEFINED = '__undefined__';
