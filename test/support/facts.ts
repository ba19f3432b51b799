import type { HourFact } from '../../src/core/hour-facts.ts';
import type { SampleBatch } from '../../src/core/samples.ts';

const FACT: Omit<HourFact, 'kind' | 'hour'> = {
  statedAt: Date.UTC(2026, 0, 1),
  node: 'node-1',
  namespace: '',
  pod: '',
  container: '',
  name: '',
  amounts: {},
  texts: {},
  labels: {},
};

/** What an operator's report states of a node for an hour: by default one of four cores that is there throughout. */
export function nodeFact(hour: number, more: Partial<HourFact> & { cores?: number } = {}): HourFact {
  const { cores = 4, ...rest } = more;
  const ucores = Math.round(cores * 1e6);
  return {
    ...FACT,
    kind: 'node',
    hour,
    amounts: { cpu_capacity_ucores: ucores, cpu_capacity_ucs: ucores * 3_600 },
    texts: { resource_id: 'i-1', node_role: 'worker' },
    ...rest,
  };
}

/** What it states of a pod, in core-seconds. */
export function podFact(hour: number, more: Partial<HourFact> & { usage?: number; request?: number } = {}): HourFact {
  const { usage, request, ...rest } = more;
  return {
    ...FACT,
    kind: 'pod',
    hour,
    namespace: 'shop',
    pod: 'web-1',
    labels: { rht_comp: 'EAP' },
    amounts: {
      ...(usage === undefined ? {} : { cpu_usage_ucs: usage * 1e6 }),
      ...(request === undefined ? {} : { cpu_request_ucs: request * 1e6 }),
    },
    ...rest,
  };
}

export function factBatch(facts: readonly HourFact[], source: SampleBatch['source'] = 'koku'): SampleBatch {
  return { source, containers: [], nodes: [], facts };
}
