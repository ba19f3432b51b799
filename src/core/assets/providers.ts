/**
 * Who runs a machine, as its provider ID says: `aws:///us-east-1a/i-0123`, `gce://project/zone/name`. The names are those
 * that OpenCost uses; a scheme that is not here stands for itself (`kind`, `k3s`).
 */
export const PROVIDERS: Readonly<Record<string, string>> = {
  aws: 'AWS',
  gce: 'GCP',
  azure: 'Azure',
  alicloud: 'Alibaba',
  digitalocean: 'DigitalOcean',
  oci: 'Oracle',
  ovh: 'OVH',
  scaleway: 'Scaleway',
};

const LAST_PART = /^(?:aws|gce):\/\/.*\/([^/]+)$/;

/** The ID as OpenCost writes it: of AWS and GCP the last part alone, elsewhere as it is. */
export function bareProviderId(providerId: string): string {
  return LAST_PART.exec(providerId)?.[1] ?? providerId;
}

const SCHEME = /^([a-z0-9]+):\/\//;

/** Who a provider ID is of; `''` where it does not say. */
export function providerOf(providerId: string): string {
  const scheme = SCHEME.exec(providerId)?.[1] ?? '';
  return Object.hasOwn(PROVIDERS, scheme) ? (PROVIDERS[scheme] ?? scheme) : scheme;
}
