import type { FactAmounts, HourFact } from '../../core/hour-facts.ts';
import type { NamespaceSample } from '../../core/samples.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { type Faults, lift, note } from '../faults.ts';
import { isRow, type Row, UNPRINTABLE } from '../fields.ts';
import { parseInstant } from '../instant.ts';
import {
  type AllocationNames,
  readAllocationLabels,
  readController,
  readNames,
  readNamespaceTexts,
} from './allocation-names.ts';
import { type AmountFaults, readAmounts, readRunMs, readVolumeAmounts } from './stated-amounts.ts';

/** One allocation of an hour, read. */
export interface Allocation {
  readonly cluster: string;
  readonly node: string;
  /** Of the node; `''` where not known. */
  readonly providerId: string;
  /** The container (or idle cost, or a volume that nothing mounts), then the volumes it mounts. */
  readonly facts: readonly HourFact[];
  /** What its namespace says of itself, where that is stated. */
  readonly described: NamespaceSample | null;
  /** Labels, annotations or an amount could not be kept. Money is not refused for their sake. */
  readonly incomplete: boolean;
}

export interface AllocationContext {
  /** The hours asked for; milliseconds, half-open. */
  readonly from: number;
  readonly to: number;
  readonly statedAt: number;
}

const VOLUMES_MAX = 10_000;
const VOLUME_KEY_CHARS_MAX = 1_000;
const TEXT_CHARS_MAX = 16_384;
const SERVICES_MAX = 1_000;
const VOLUME_NAME = /(?:^|:)name=(.*)$/s;
const NO_ROW: Row = {};

/** The facts of the allocation under `key`. Where `faults` holds one afterwards, it must be refused. */
export function readAllocation(key: string, row: Row, { faults, ...context }: AllocationContext & { faults: Faults }) {
  const properties = isRow(row['properties']) ? row['properties'] : NO_ROW;
  const hour = readHour(row, context, faults);
  const names = readNames(key, properties, faults);
  const ranMs = readRunMs(row, faults);
  const runMs = ranMs === 0 && names.isSpecial ? null : ranMs; // what is of no pod costs something without running
  const loose: Faults = { first: null };
  const amounts = readAmounts(row, runMs, { faults, loose });
  const labels = readAllocationLabels(properties, loose);
  const texts = textsOf(names, properties, { labels, loose, faults });
  const { node, namespace, pod, container, name } = names;
  const at = { hour, statedAt: context.statedAt, node, namespace, pod, container };
  const kind = pod !== '' && container === '' ? 'pod' : 'container';
  const fact: HourFact = { kind, ...at, name, amounts, texts, labels };
  const described = readNamespaceTexts(properties, loose);
  const volumes = readVolumes(row, { faults, loose }).map(
    ({ volume, providerId, amounts }): HourFact => ({
      kind: 'storage',
      ...at,
      name: volume,
      amounts,
      texts: named({
        provider_id: providerId,
        controller_kind: texts['controller_kind'],
        controller: texts['controller'],
      }),
      labels,
    }),
  );
  return {
    cluster: names.cluster,
    node,
    providerId: names.providerId,
    facts: [fact, ...volumes],
    described: described && namespace !== '' && !names.isSpecial ? { at: hour, namespace, ...described } : null,
    incomplete: loose.first !== null,
  } satisfies Allocation;
}

/** The hour that the allocation's set is of. A set of any other length than an hour is not what was asked for. */
function readHour(row: Row, { from, to }: Omit<AllocationContext, 'statedAt'>, faults: Faults): number {
  const window = row['window'];
  if (!isRow(window) && to - from === HOUR_MS) return from;
  const start = isRow(window) ? instantOf(window['start']) : Number.NaN;
  const end = isRow(window) ? instantOf(window['end']) : Number.NaN;
  const isHour = end - start === HOUR_MS && start % HOUR_MS === 0;
  if (!isHour) note(faults, 'window', 'must be one whole hour');
  else if (start < from || end > to) note(faults, 'window', 'must be among the hours asked for');
  return start;
}

function instantOf(value: unknown): number {
  return typeof value === 'string' ? parseInstant(value) : Number.NaN;
}

interface Dress {
  readonly labels: Readonly<Record<string, string>>;
  /** Takes the faults of what may be left out. */
  readonly loose: Faults;
  readonly faults: Faults;
}

function textsOf(names: AllocationNames, properties: Row, { labels, loose, faults }: Dress) {
  const controller = readController(properties, labels, faults);
  const { services, annotations } = properties;
  const list = Array.isArray(services)
    ? services.slice(0, SERVICES_MAX).filter((item) => typeof item === 'string')
    : [];
  return named({
    controller_kind: controller.kind,
    controller: controller.name,
    provider_id: names.providerId,
    services: readLoose(list.length === 0 ? '' : list.toSorted().join(','), 'properties.services', loose),
    annotations: readLoose(annotationText(annotations), 'properties.annotations', loose),
  });
}

/** Sorted JSON: the same annotations are the same text. */
function annotationText(annotations: unknown): string {
  if (!isRow(annotations)) return '';
  const entries = Object.entries(annotations).filter(([, value]) => typeof value === 'string');
  return entries.length === 0
    ? ''
    : JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function readLoose(text: string, path: string, loose: Faults): string {
  if (text.length <= TEXT_CHARS_MAX && !UNPRINTABLE.test(text)) return text;
  note(loose, path, `must be printable and at most ${TEXT_CHARS_MAX} characters`);
  return '';
}

/** Without those that are not known. */
function named(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [key, text] of Object.entries(texts)) if (text) known[key] = text;
  return known;
}

interface Volume {
  readonly volume: string;
  readonly providerId: string;
  readonly amounts: FactAmounts;
}

/** `{"cluster=<c>:name=<volume>": {byteHours, cost, providerID?, adjustment?}}`, or null. */
function readVolumes(row: Row, noted: AmountFaults): Volume[] {
  const volumes = row['pvs'];
  if (volumes === undefined || volumes === null) return [];
  const entries = isRow(volumes) ? Object.entries(volumes) : [];
  if (!isRow(volumes)) note(noted.faults, 'pvs', 'must be an object');
  if (entries.length > VOLUMES_MAX) note(noted.faults, 'pvs', `must be at most ${VOLUMES_MAX}`);
  return entries.slice(0, VOLUMES_MAX).flatMap(([key, value]) => (value === null ? [] : readVolume(key, value, noted)));
}

function readVolume(key: string, value: unknown, { faults, loose }: AmountFaults): Volume[] {
  if (key.length > VOLUME_KEY_CHARS_MAX || UNPRINTABLE.test(key)) note(faults, 'pvs', 'must have printable names');
  if (!isRow(value)) {
    note(faults, 'pvs', 'must hold objects');
    return [];
  }
  const inner: Faults = { first: null };
  const amounts = readVolumeAmounts(value, { faults: inner, loose });
  lift(inner, 'pvs', faults);
  const { providerID } = value;
  const providerId = typeof providerID === 'string' ? readLoose(providerID, 'pvs', loose) : '';
  return [{ volume: VOLUME_NAME.exec(key)?.[1] ?? key, providerId, amounts }];
}
