/** The NaN by which Prometheus says that a series has ended; any other NaN is a value that somebody exported. */
const STALE_HIGH = 0x7ff0_0000;
const STALE_LOW = 2;

/** Whether the eight bytes at `at` are a stale marker. As a number it cannot be told from any other NaN. */
export function isStaleMarker(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === STALE_LOW && view.getUint32(at + 4, true) === STALE_HIGH;
}
