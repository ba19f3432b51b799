import { expect, test } from 'vitest';
import { parseAssetFilter } from './asset-keys.ts';
import { ASSET_TYPES } from './asset-properties.ts';
import { mayPass } from './possible-types.ts';

test('a type is left out only where none of its assets can pass', () => {
  const f = (filter: string, want: readonly string[]) =>
    expect(
      ASSET_TYPES.filter((type) => mayPass(parseAssetFilter(filter), type)),
      filter,
    ).toEqual(want);
  f('', ASSET_TYPES);
  f('assetType:"disk"', ['Disk']);
  f('assetType!:"disk","Node"', ['LoadBalancer', 'Network', 'ClusterManagement', 'Cloud']);
  f('assetType<~:"clus"', ['ClusterManagement']);
  f('category:"Network"', ['LoadBalancer', 'Network']);
  f('name:"x"', ASSET_TYPES);
  f('name!:"x"+assetType:"node"', ['Node']);
  f('name:"x"|assetType:"node"', ASSET_TYPES);
  f('assetType:"node"|category:"Storage"', ['Node', 'Disk']);
  f('assetType:"node"+category:"Storage"', []);
  f('label[team]:"a"+(assetType:"node"|assetType:"disk")', ['Node', 'Disk']);
});
