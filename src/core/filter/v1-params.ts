import { AppError } from '../../lib/errors.ts';
import { type Alias, DEFAULT_ALIASES, type LabelAliases } from '../allocation-properties.ts';
import type { FieldTarget, MapProperty, TextProperty } from './fields.ts';
import { FILTER_CHARS_MAX, FILTER_COMPARISONS_MAX } from './problems.ts';
import { andOf, compare, type Filter, orOf, type Values } from './tree.ts';

/** Parameters of the older filters: `filterNamespaces=a,b*`. Each is a list; a `*` at the end stands for any ending. */
export type V1Params = Readonly<Partial<Record<string, string>>>;

export interface V1Options {
  readonly aliases?: LabelAliases;
  /** Names of clusters by id: `filterClusters` asks for either. */
  readonly clusterNames?: ReadonlyMap<string, string>;
}

type Read = (values: Values, context: { name: string; options: Required<V1Options> }) => Filter;

const plain =
  (target: FieldTarget): Read =>
  (values, { options }) =>
    compareWild(target, values, options);

const text = (property: TextProperty): Read => plain({ kind: 'text', property });
const alias = (name: Alias): Read => plain({ kind: 'alias', alias: name });

const keyed =
  (property: MapProperty): Read =>
  (values, { name, options }) =>
    orOf(
      values.map((value) => {
        const colon = value.indexOf(':');
        const key = value.slice(0, Math.max(0, colon)).trim();
        if (key === '') throw refusal(name, value, 'expected key:value');
        return compareWild({ kind: 'map', property }, [value.slice(colon + 1).trim()], options, key);
      }),
    );

const readClusters: Read = (values, { options }) => {
  const named = [...options.clusterNames].filter(([, name]) => values.some((value) => isWildMatch(name, value)));
  const target = { kind: 'text', property: 'cluster' } as const;
  const ids = named.map(([id]) => id);
  const byName = ids.length === 0 ? [] : [compare({ target, comparator: 'equals', values: ids }, options.aliases)];
  return orOf([compareWild(target, values, options), ...byName]);
};

const readControllers: Read = (values, { name, options }) =>
  orOf(
    values.map((value) => {
      const [first = '', second, ...more] = value.split(':');
      if (more.length > 0) throw refusal(name, value, 'expected name or kind:name');
      const byName = compareWild({ kind: 'text', property: 'controller' }, [second ?? first], options);
      if (second === undefined) return byName;
      const target = { kind: 'text', property: 'controllerKind' } as const;
      return andOf([compare({ target, comparator: 'equals', values: [first] }, options.aliases), byName]);
    }),
  );

const READERS: Readonly<Record<string, Read>> = {
  filterClusters: readClusters,
  filterNodes: text('node'),
  filterNamespaces: text('namespace'),
  filterControllerKinds: text('controllerKind'),
  filterControllers: readControllers,
  filterPods: text('pod'),
  filterContainers: text('container'),
  filterDepartments: alias('department'),
  filterEnvironments: alias('environment'),
  filterOwners: alias('owner'),
  filterProducts: alias('product'),
  filterTeams: alias('team'),
  filterAnnotations: keyed('annotations'),
  filterLabels: keyed('labels'),
  filterServices: plain({ kind: 'list' }),
};

export const V1_FILTER_PARAMS: readonly string[] = Object.keys(READERS);

/**
 * The filter that v1 parameters stand for: values of one parameter are alternatives, and every parameter must hold.
 * Others than `V1_FILTER_PARAMS` are not looked at. A value that cannot be read is refused: OpenCost leaves it out, which
 * answers with the costs of everything.
 *
 * @throws AppError `invalid_request` that names the parameter, or the limit.
 */
export function filterOfV1Params(params: V1Params, options: V1Options = {}): Filter {
  const known = { aliases: DEFAULT_ALIASES, clusterNames: new Map<string, string>(), ...options };
  const given = Object.entries(READERS).map(([name, read]) => ({ name, read, values: valuesOf(params[name] ?? '') }));
  const chars = V1_FILTER_PARAMS.reduce((sum, name) => sum + (params[name]?.length ?? 0), 0);
  if (chars > FILTER_CHARS_MAX) throw excess(`${chars} characters`, FILTER_CHARS_MAX);
  const count = given.reduce((sum, { values }) => sum + values.length, 0);
  if (count > FILTER_COMPARISONS_MAX) throw excess(`${count} values`, FILTER_COMPARISONS_MAX);
  const broken = given.find(({ values }) => values.some((value) => !value.isWellFormed()));
  if (broken) throw refusal(broken.name, broken.values.join(',').toWellFormed(), 'it is not well-formed Unicode');
  const asked = given.filter(({ values }) => values.length > 0);
  return andOf(asked.map(({ name, read, values }) => read(values, { name, options: known })));
}

function valuesOf(list: string): string[] {
  return list
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** Values that end in a star are beginnings. */
function compareWild(target: FieldTarget, values: Values, { aliases }: Required<V1Options>, key?: string): Filter {
  const exact = values.filter((value) => !value.endsWith('*'));
  const beginnings = values.filter((value) => value.endsWith('*')).map(withoutStar);
  const parts = [
    { comparator: 'equals', values: exact },
    { comparator: 'starts', values: beginnings },
  ] as const;
  return orOf(parts.filter((part) => part.values.length > 0).map((part) => compare({ target, key, ...part }, aliases)));
}

function isWildMatch(name: string, value: string): boolean {
  return value.endsWith('*') ? name.startsWith(withoutStar(value)) : name === value;
}

function withoutStar(value: string): string {
  return value.endsWith('*') ? value.slice(0, -1) : value;
}

function excess(found: string, limit: number): AppError {
  return new AppError('invalid_request', `the filter parameters have ${found} together; at most ${limit}`);
}

function refusal(name: string, value: string, expected: string): AppError {
  return new AppError('invalid_request', `${name} cannot be "${value.slice(0, 80)}": ${expected}`, {
    details: { field: name },
  });
}
