import { compose, load } from './statements.ts';

/** The statement that prices what one shape of raw facts tells of volumes, or of balancers. */
function volumes(parts: string): string {
  return compose(load('price-volumes'), { parts });
}

function balancers(parts: string): string {
  return compose(load('price-balancers'), { parts });
}

function sampled(kind: 'stored' | 'of-points'): Attachments {
  const held = compose(load('volumes-from-samples'), {
    samples: load(`volume-samples-${kind}`),
    mounts: load(`volume-mounts-${kind}`),
  });
  const seen = compose(load('balancers-from-samples'), { samples: load(`balancer-samples-${kind}`) });
  return { volumes: volumes(held), balancers: balancers(seen) };
}

/** One statement for each kind of thing that is paid for beside nodes. */
export interface Attachments {
  readonly volumes: string;
  readonly balancers: string;
}

/** By where their facts come from; `points` expects the scratch table of `ATTACHMENT_SERIES`. */
export const ATTACHMENTS = {
  samples: sampled('stored'),
  points: sampled('of-points'),
  facts: { volumes: volumes(load('volumes-from-facts')), balancers: balancers(load('balancers-from-facts')) },
  ledger: { volumes: volumes(load('volumes-from-ledger')), balancers: balancers(load('balancers-from-ledger')) },
} as const satisfies Record<string, Attachments>;

export const ATTACHMENT_SERIES = load('attachment-series');
export const SURVEY_ATTACHMENTS_OF_POINTS = load('survey-attachments-of-points');
