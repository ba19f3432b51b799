import type { ContainerSample, NodeSample } from '../../src/core/samples.ts';

/** A sample of which all is said that must be, and what `more` says. */
export function containerSample(more: Partial<ContainerSample> = {}): ContainerSample {
  return {
    at: Date.now(),
    node: 'node-1',
    namespace: 'shop',
    pod: 'web-1',
    podUid: '',
    container: '',
    controllerKind: '',
    controller: '',
    phase: 'Running',
    cpuUsage: null,
    cpuRequest: null,
    cpuLimit: null,
    memoryUsage: null,
    memoryRequest: null,
    memoryLimit: null,
    networkReceived: null,
    networkSent: null,
    startedAt: null,
    endedAt: null,
    labels: {},
    ...more,
  };
}

export function nodeSample(more: Partial<NodeSample> = {}): NodeSample {
  return {
    at: Date.now(),
    node: 'node-1',
    providerId: '',
    instanceType: '',
    region: '',
    zone: '',
    spot: false,
    cpuCapacity: null,
    memoryCapacity: null,
    hourlyCost: null,
    labels: {},
    ...more,
  };
}
