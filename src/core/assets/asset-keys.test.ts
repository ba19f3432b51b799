import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../lib/errors.ts';
import { ASSET_KEY_NAMES, ASSET_NAME_KEYS, assetKeyName, parseAssetAggregate, parseAssetFilter } from './asset-keys.ts';
import { assetFilterOfV1Params } from './asset-v1-params.ts';

test('keys are read whatever their case, each once, and are written as they are called', () => {
  const f = (text: string, want: readonly string[]) =>
    expect(parseAssetAggregate(text).map(assetKeyName), text).toEqual(want);
  f('type, CLUSTER,providerid,type', ['type', 'cluster', 'providerID']);
  f('label:app.kubernetes.io/name,Label: team', ['label:app_kubernetes_io_name', 'label:team']);
  f('team,storageClass', ['team', 'storageClass']);
  f('all', []);
  f('', ASSET_NAME_KEYS.map(assetKeyName));
  f(
    ASSET_KEY_NAMES.filter((name) => !name.includes('<'))
      .slice(0, 16)
      .join(','),
    ASSET_KEY_NAMES.slice(0, 16),
  );
});

test('any text is a list of keys or a filter, or a refusal that a caller is told', () => {
  const isTold = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'invalid_request' });
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      isTold(() => parseAssetAggregate(text));
      isTold(() => parseAssetFilter(text));
      isTold(() => assetFilterOfV1Params({ filterTypes: text, filterLabels: text }));
    }),
  );
});

describe('filters', () => {
  const text = (property: string, values: string[], comparator = 'equals') => ({
    kind: 'text',
    property,
    comparator,
    values,
  });

  test('find types in any case, and what an asset does not have', () => {
    expect(parseAssetFilter('assetType:"LoadBalancer"')).toEqual(text('type', ['loadbalancer']));
    expect(parseAssetFilter('type!:"Node"')).toEqual({ kind: 'not', part: text('type', ['node']) });
    expect(parseAssetFilter('name:"Node"+account:"__undefined__"')).toEqual({
      kind: 'and',
      parts: [text('name', ['Node']), text('account', [''])],
    });
  });

  test('name a type or category that there is, or are refused with those there are', () => {
    const f = (filter: string, message: RegExp) => expect(() => parseAssetFilter(filter), filter).toThrow(message);
    f('assetType:"nod"', /no type "nod" of assets; there are Node, Disk, .*; did you mean Node\?/);
    f('name:"x"|(type!:"disk","nonsense")', /no type "nonsense"/);
    f('category:"compute"', /no category "compute" .* did you mean Compute\?/);
    expect(() => assetFilterOfV1Params({ filterTypes: 'node,nonsense' })).toThrow(/no type "nonsense"/);
    for (const known of ['assetType~:"nonsense"', 'type:"any","shared","__undefined__"', 'category:"Management"']) {
      expect(() => parseAssetFilter(known), known).not.toThrow();
    }
    expect(() => assetFilterOfV1Params({ filterTypes: 'nons*' })).not.toThrow();
  });

  test('of the older parameters are alternatives in each, and all must hold', () => {
    expect(assetFilterOfV1Params({})).toEqual({ kind: 'all' });
    expect(assetFilterOfV1Params({ filterTypes: 'Node, disk', filterNames: 'pv-*', filterPods: 'x' })).toEqual({
      kind: 'and',
      parts: [{ kind: 'or', parts: [text('type', ['node']), text('type', ['disk'])] }, text('name', ['pv-'], 'starts')],
    });
    expect(assetFilterOfV1Params({ filterLabels: 'app.kubernetes.io/name:web' })).toEqual({
      kind: 'keyed',
      property: 'labels',
      key: 'app_kubernetes_io_name',
      comparator: 'equals',
      values: ['web'],
    });
    expect(() => assetFilterOfV1Params({ filterLabels: 'app' })).toThrow('expected name:value');
    expect(() => assetFilterOfV1Params({ filterNames: 'x,'.repeat(501) })).toThrow('at most 500');
    expect(() => assetFilterOfV1Params({ filterNames: 'x'.repeat(8_193) })).toThrow('at most 8192');
  });
});
