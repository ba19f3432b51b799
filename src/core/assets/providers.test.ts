import { expect, test } from 'vitest';
import { bareProviderId, providerOf } from './providers.ts';

test('a provider ID says who runs a machine, and what OpenCost calls it', () => {
  const f = (id: string, provider: string, bare: string) => {
    expect(providerOf(id), id).toBe(provider);
    expect(bareProviderId(id), id).toBe(bare);
  };
  f('aws:///us-east-1a/i-0123', 'AWS', 'i-0123');
  f('gce://project-1/us-central1-a/gke-pool-1', 'GCP', 'gke-pool-1');
  const azure = 'azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1';
  f(azure, 'Azure', azure);
  f('kind://docker/kind/kind-control-plane', 'kind', 'kind://docker/kind/kind-control-plane');
  f('constructor://x', 'constructor', 'constructor://x');
  f('vol-0123', '', 'vol-0123');
  f('', '', '');
});
