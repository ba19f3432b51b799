/** An instant as the engine reads it in a `DateTime64` parameter: text, whose zone is the parameter's own, UTC. */
export function engineInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
