/** Lines of the bill that are no namespace, in words for the people who pay it. */
const SPECIAL = {
  __idle__: {
    label: 'Idle',
    meaning: 'Node capacity that was paid for and neither requested nor used.',
  },
  __overcommit__: {
    label: 'Overcommitment',
    meaning:
      'Requests and usage exceeded what the nodes hold. This line takes the excess back, so that the bill adds up.',
  },
  __management__: {
    label: 'Cluster management',
    meaning: 'What the provider takes for running the clusters.',
  },
  __unmounted__: {
    label: 'Unclaimed volumes',
    meaning: 'Disks that are paid for and that no claim holds.',
  },
  __unallocated__: {
    label: 'Unallocated',
    meaning: 'Cost that was reported without a namespace.',
  },
} as const satisfies Record<string, { label: string; meaning: string }>;

export type SpecialKey = keyof typeof SPECIAL;

export function isSpecial(namespace: string): namespace is SpecialKey {
  return Object.hasOwn(SPECIAL, namespace);
}

export function describeSpecial(key: SpecialKey): { readonly label: string; readonly meaning: string } {
  return SPECIAL[key];
}
