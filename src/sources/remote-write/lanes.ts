import { randomBytes } from 'node:crypto';

/**
 * A hash of bytes in two lanes of 32 bits, since 64 would need a bigint each time. Its start is drawn anew in every process:
 * nobody outside can tell which texts would share a hash.
 */
export interface Lanes {
  a: number;
  b: number;
}

const [SEED_A = 1, SEED_B = 2] = new Int32Array(new Uint8Array(randomBytes(8)).buffer);
const FACTOR_A = 0x9e3779b1;
const FACTOR_B = 0x85ebca77;

export const startLanes = (lanes: Lanes): void => {
  lanes.a = SEED_A;
  lanes.b = SEED_B;
};

/** Sets `lanes` to the hash of the bytes from `start` to `end`. */
export function hashBytes(view: DataView, start: number, end: number, lanes: Lanes): void {
  let a = SEED_A;
  let b = SEED_B;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    a = Math.imul(((a << 15) | (a >>> 17)) ^ word, FACTOR_A);
    b = Math.imul(((b << 13) | (b >>> 19)) ^ word, FACTOR_B);
  }
  for (; at < end; at += 1) {
    const byte = view.getUint8(at);
    a = Math.imul(((a << 15) | (a >>> 17)) ^ byte, FACTOR_A);
    b = Math.imul(((b << 13) | (b >>> 19)) ^ byte, FACTOR_B);
  }
  lanes.a = a;
  lanes.b = b;
  finishLanes(lanes, end - start);
}

/** Takes the hash of a part into that of the whole. */
export function addLanes(lanes: Lanes, a: number, b: number): void {
  lanes.a = Math.imul(((lanes.a << 15) | (lanes.a >>> 17)) ^ a, FACTOR_A);
  lanes.b = Math.imul(((lanes.b << 13) | (lanes.b >>> 19)) ^ b, FACTOR_B);
}

/** Lets every bit of the input change about half of the output. */
export function finishLanes(lanes: Lanes, length: number): void {
  const a = mixed(lanes.a ^ length ^ Math.imul(lanes.b, 0xc2b2ae35));
  lanes.b = mixed(lanes.b ^ Math.imul(a, 0x27d4eb2f));
  lanes.a = a;
}

function mixed(lane: number): number {
  let bits = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
