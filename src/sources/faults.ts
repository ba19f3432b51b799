/**
 * What is wrong with the row being read. Readers note the first fault and return a harmless value; whoever builds the
 * row looks once at its end, and refuses it whole. (No exceptions: a hostile post has a fault in each of its rows.)
 */
export interface Faults {
  first: Fault | null;
}

export interface Fault {
  /** Relative to the row; `''` is the row itself. */
  readonly field: string;
  readonly message: string;
}

export function note(faults: Faults, field: string, message: string): void {
  faults.first ??= { field, message };
}

/** Moves the fault of a nested object to its row, saying where it was, as in `containers[2]`; `inner` is clean again. */
export function lift(inner: Faults, path: string, faults: Faults): void {
  if (inner.first) note(faults, `${path}.${inner.first.field}`, inner.first.message);
  inner.first = null;
}
