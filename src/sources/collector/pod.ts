import { type Controller, resolveController } from '../../core/controller.ts';
import type { NodeLabels } from '../../core/gpu.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { amountField, COUNTED_BYTES, readAmount } from '../amounts.ts';
import { readContainers } from '../containers.ts';
import { type Faults, note } from '../faults.ts';
import {
  nameField,
  type Row,
  readLabelList,
  readLabels,
  readNamespace,
  readRequiredText,
  readRow,
  readText,
} from '../fields.ts';
import { readLifeInstant } from '../instant.ts';
import { readResources } from './resources.ts';

const POD_UID = nameField('pod_id');
const NAMESPACE = nameField('namespace');
const POD = nameField('name');
const PHASE = nameField('phase');
const LABELS = nameField('labels');
const OWNER = nameField('owner');
const OWNER_KIND = nameField('kind', 'owner.kind');
const OWNER_NAME = nameField('name', 'owner.name');
const STARTED_AT = nameField('pod_start_time');
const ENDED_AT = nameField('pod_end_time');
const RECEIVED = amountField('net_rx_bytes', COUNTED_BYTES);
const SENT = amountField('net_tx_bytes', COUNTED_BYTES);

/** Where and when a post was made. */
interface Moment {
  readonly at: number;
  readonly node: string;
  /** No pod starts or ends after this. */
  readonly latest: number;
  readonly nodeLabels: NodeLabels;
}

const NO_OWNER: Row = {};
const NO_NETWORK = { networkReceived: null, networkSent: null };
const CONTAINER = nameField('name');

/**
 * One pod: a sample for each container where it lists them, else one for the pod. Where a fault is noted the samples are
 * worthless.
 */
export function readPod(row: Row, moment: Moment, faults: Faults): readonly ContainerSample[] {
  const pod = readFacts(row, moment, faults);
  const network = { networkReceived: readAmount(row, RECEIVED, faults), networkSent: readAmount(row, SENT, faults) };
  const { nodeLabels } = moment;
  const read = (of: Row, container: string, noted: Faults) => ({ container, ...readResources(of, nodeLabels, noted) });
  const containers = readContainers(row, { name: CONTAINER, read }, faults);
  if (containers.length === 0) return [{ ...pod, ...network, ...read(row, '', faults) }];
  // The counters are the pod's, so one container carries them: the first by name, in whatever order they came.
  const names = containers.map(({ container }) => container);
  const carrier = names.reduce((first, name) => (name < first ? name : first));
  return containers.map((resources) => ({
    ...pod,
    ...(resources.container === carrier ? network : NO_NETWORK),
    ...resources,
  }));
}

function readFacts(row: Row, { at, node, latest }: Moment, faults: Faults) {
  const pod = readRequiredText(row, POD, faults);
  const labels = Array.isArray(row[LABELS.key]) ? readLabelList(row, LABELS, faults) : readLabels(row, LABELS, faults);
  const controller = readController(row, { pod, labels }, faults);
  const startedAt = readLifeInstant(row, { ...STARTED_AT, latest }, faults);
  const endedAt = readLifeInstant(row, { ...ENDED_AT, latest }, faults);
  if (startedAt !== null && endedAt !== null && endedAt < startedAt) {
    note(faults, ENDED_AT.path, 'must not be before pod_start_time');
  }
  const namespace = readNamespace(row, NAMESPACE, faults);
  const uid = readRequiredText(row, POD_UID, faults);
  return {
    at,
    node,
    namespace,
    pod,
    // A kubelet without its summary knows no uids, and a post must have one: the name in its place is none.
    podUid: uid === `${namespace}/${pod}` ? '' : uid,
    controllerKind: controller.kind,
    controller: controller.name,
    phase: readText(row, PHASE, faults),
    startedAt,
    endedAt,
    labels,
  };
}

/** From the owner as `{kind, name}`; or as a bare name, as data files have it, to which only labels can give a kind. */
function readController(
  row: Row,
  { pod, labels }: Pick<ContainerSample, 'pod' | 'labels'>,
  faults: Faults,
): Controller {
  if (typeof row[OWNER.key] === 'string') {
    const name = readText(row, OWNER, faults);
    const known = resolveController({ kind: '', name: '', labels, pod });
    return known.name === '' ? { kind: '', name } : known;
  }
  const owner = readRow(row, OWNER, faults) ?? NO_OWNER;
  const kind = readText(owner, OWNER_KIND, faults);
  return resolveController({ kind, name: readText(owner, OWNER_NAME, faults), labels, pod });
}
