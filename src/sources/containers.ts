import { type Faults, lift, note } from './faults.ts';
import { listField, type Row, readList, readRequiredText, type TextField } from './fields.ts';

/** Far beyond what Kubernetes runs in one pod. */
const CONTAINERS_MAX = 500;
const CONTAINERS = listField('containers', CONTAINERS_MAX);

interface ContainerReader<T> {
  /** The field that holds a container's name; it differs from wire to wire. */
  readonly name: TextField;
  readonly read: (row: Row, name: string, faults: Faults) => T;
}

/** What `reader` makes of each container that a pod lists; nothing where it lists none. */
export function readContainers<T>(pod: Row, reader: ContainerReader<T>, faults: Faults): readonly T[] {
  const rows = readList(pod, CONTAINERS, faults);
  const inner: Faults = { first: null };
  const names = new Set<string>();
  return rows.map((row, index) => {
    const name = readRequiredText(row, reader.name, inner);
    // Two under one name would be one to the store, which keeps the last of a kind: half of the pod would be lost unseen.
    if (names.has(name)) note(inner, reader.name.path, 'must be unique in its pod');
    names.add(name);
    const item = reader.read(row, name, inner);
    if (inner.first) lift(inner, `${CONTAINERS.path}[${index}]`, faults);
    return item;
  });
}
