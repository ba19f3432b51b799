import { expect, test } from 'vitest';
import { z } from 'zod';
import { allocationOf } from '../../../test/support/allocation-properties.ts';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { type AllocationProperties, DEFAULT_ALIASES } from '../allocation-properties.ts';
import { matches } from './matches.ts';
import { FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX } from './problems.ts';
import { filterOfV1Params, type V1Params } from './v1-params.ts';

const web = allocationOf({
  cluster: 'c-1',
  namespace: 'shop',
  controllerKind: 'deployment',
  controller: 'web',
  services: ['front'],
  labels: { app_kubernetes_io_name: 'web', team: 'blue' },
  annotations: { url: 'https://a:1/x', owner: 'ann' },
});

test('values of a parameter are alternatives, and every parameter must hold', () => {
  const clusterNames = new Map([['c-1', 'prod']]);
  const f = (params: V1Params, want: boolean) =>
    expect(matches(filterOfV1Params(params, { clusterNames }), web), JSON.stringify(params)).toBe(want);
  f({}, true);
  f({ filterNamespaces: '' }, true);
  f({ filterNamespaces: ' , ' }, true);
  f({ filterNamespaces: 'bank, shop' }, true);
  f({ filterNamespaces: 'sh*' }, true);
  f({ filterNamespaces: 's*p' }, false);
  f({ filterNamespaces: 'shop', filterNodes: 'n' }, false);
  f({ filterClusters: 'prod' }, true);
  f({ filterClusters: 'pr*' }, true);
  f({ filterClusters: 'c-1' }, true);
  f({ filterClusters: 'dev' }, false);
  f({ filterControllers: 'web' }, true);
  f({ filterControllers: 'deployment:w*' }, true);
  f({ filterControllers: 'daemonset:web' }, false);
  f({ filterLabels: 'app.kubernetes.io/name:web' }, true);
  f({ filterLabels: 'app:web, team : bl*' }, true);
  f({ filterAnnotations: 'url:https://a:1/x' }, true);
  f({ filterServices: 'fr*' }, true);
  f({ filterServices: 'fr' }, false);
  f({ filterTeams: 'blue' }, true);
  f({ filterOwners: 'ann', filterTeams: 'red' }, false);
  f({ filterDepartments: '__unallocated__' }, true);
  f({ somethingElse: 'x' }, true);
});

test('what cannot be read is refused by the name of its parameter, never left out', () => {
  const f = (params: V1Params, message: RegExp) =>
    expect(() => filterOfV1Params(params), JSON.stringify(params)).toThrow(message);
  f({ filterLabels: 'app' }, /filterLabels cannot be "app": expected key:value/);
  f({ filterLabels: ':web' }, /expected key:value/);
  f({ filterControllers: 'a:b:c' }, /filterControllers .* kind:name/);
  f({ filterPods: '\ud800' }, /filterPods .*well-formed/);
  f({ filterPods: 'a,'.repeat(FILTER_COMPARISONS_MAX + 1) }, new RegExp(`at most ${FILTER_COMPARISONS_MAX}`));
  f({ filterPods: 'a'.repeat(FILTER_CHARS_MAX), filterNodes: 'b' }, new RegExp(`at most ${FILTER_CHARS_MAX}`));
});

const Texts = z.record(z.string(), z.string()).default({});
const Props = z.object({
  Cluster: z.string().default(''),
  Node: z.string().default(''),
  Namespace: z.string().default(''),
  ControllerKind: z.string().default(''),
  Controller: z.string().default(''),
  Pod: z.string().default(''),
  Container: z.string().default(''),
  Services: z.array(z.string()).default([]),
  Labels: Texts,
  Annotations: Texts,
});
const Allocations = z.array(z.object({ args: z.tuple([Props]) }));
const Table = z.object({
  cases: z.array(z.object({ name: z.string(), qp: Texts, shouldMatch: Allocations, shouldNotMatch: Allocations })),
});

function toAllocation({ args: [props] }: z.infer<typeof Allocations>[number]): AllocationProperties {
  const { Cluster, Node, Namespace, ControllerKind, Controller, Pod, Container, Services, Labels, Annotations } = props;
  return allocationOf({
    cluster: Cluster,
    node: Node,
    namespace: Namespace,
    controllerKind: ControllerKind,
    controller: Controller,
    pod: Pod,
    container: Container,
    services: Services,
    labels: Labels,
    annotations: Annotations,
  });
}

describeOracle('filter_v1_params', () => {
  // What the Go test sets up around its table: these labels, and one cluster that has a name.
  const aliases = { ...DEFAULT_ALIASES, department: 'internal-product-umbrella', owner: 'testowner' };
  const clusterNames = new Map([['mapped-cluster-ID-ABC', 'cluster ABC']]);

  test.each(readOracle('filter_v1_params', Table).cases)('lets through the same: $name', (row) => {
    const filter = filterOfV1Params(row.qp, { aliases, clusterNames });
    const passes = (allocations: z.infer<typeof Allocations>) =>
      allocations.map((allocation) => matches(filter, toAllocation(allocation)));
    expect(passes(row.shouldMatch)).toEqual(row.shouldMatch.map(() => true));
    expect(passes(row.shouldNotMatch)).toEqual(row.shouldNotMatch.map(() => false));
  });
});
