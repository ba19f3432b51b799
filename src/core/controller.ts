/**
 * Who a pod belongs to, in the words people use: the Deployment and not its ReplicaSet of the week, the CronJob and not
 * the Job of the minute. Costs grouped by the direct owner would fall apart at every rollout.
 *
 * Only facts decide: the owner reference, and labels that Kubernetes' own controllers set. A name is never taken apart
 * on looks alone, except a Job's time suffix, which has no label.
 */
export interface PodOwner {
  /** Kind and name of the pod's owner reference; `''` where the source does not know. */
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The pod's name: lets the labels speak where the source knows no owner. */
  readonly pod?: string;
}

export interface Controller {
  readonly kind: string;
  readonly name: string;
}

const UNKNOWN: Controller = { kind: '', name: '' };
const CRON_SUFFIX = /^(.+)-(\d{8}|\d{10})$/;

/** Minutes since the epoch: 2019 to 2084. A lower bound this high keeps dates such as `-20260131` out. */
const CRON_MINUTES = { min: 25_800_000, max: 60_000_000 };

/** The controller of a pod; kind and name are `''` where it is unknown or the pod has none. */
export function resolveController(owner: PodOwner): Controller {
  const direct = owner.kind === '' && owner.name === '' ? ownerByLabels(owner) : owner;
  if (direct.kind === 'ReplicaSet') return controllerOfReplicaSet(direct.name, owner.labels);
  if (direct.kind === 'Job') return controllerOfJob(direct.name);
  return { kind: direct.kind, name: direct.name };
}

function controllerOfReplicaSet(name: string, labels: PodOwner['labels']): Controller {
  const rolloutHash = labels['rollouts-pod-template-hash']; // Argo Rollouts
  if (rolloutHash) return { kind: 'Rollout', name: withoutSuffix(name, `-${rolloutHash}`) ?? name };
  const hash = labels['pod-template-hash'];
  const deployment = hash ? withoutSuffix(name, `-${hash}`) : undefined;
  return deployment === undefined ? { kind: 'ReplicaSet', name } : { kind: 'Deployment', name: deployment };
}

/** The CronJob controller names its Jobs `<cronjob>-<minutes since the epoch>`; before Kubernetes 1.21 it was seconds. */
function controllerOfJob(name: string): Controller {
  const match = CRON_SUFFIX.exec(name);
  const [, cronJob, digits] = match ?? [];
  if (!cronJob || !digits) return { kind: 'Job', name };
  const minutes = digits.length === 8 ? Number(digits) : Number(digits) / 60;
  const isTime = minutes >= CRON_MINUTES.min && minutes <= CRON_MINUTES.max;
  return isTime ? { kind: 'CronJob', name: cronJob } : { kind: 'Job', name };
}

/** The direct owner as the labels tell it: each of these is set by the controller that made the pod. */
function ownerByLabels({ labels, pod = '' }: PodOwner): Controller {
  const job = labels['batch.kubernetes.io/job-name'] ?? labels['job-name'];
  if (job) return { kind: 'Job', name: job };
  const stem = beforeLastDash(pod);
  if (stem === '') return UNKNOWN;
  if (labels['statefulset.kubernetes.io/pod-name'] === pod) return { kind: 'StatefulSet', name: stem };
  const hash = labels['rollouts-pod-template-hash'] ?? labels['pod-template-hash'];
  if (hash && withoutSuffix(stem, `-${hash}`) !== undefined) return { kind: 'ReplicaSet', name: stem };
  if (labels['pod-template-generation']) return { kind: 'DaemonSet', name: stem };
  return UNKNOWN;
}

function beforeLastDash(text: string): string {
  return text.slice(0, Math.max(0, text.lastIndexOf('-')));
}

/** `text` without `suffix`; undefined where it does not end so, or is nothing else. */
function withoutSuffix(text: string, suffix: string): string | undefined {
  return text.length > suffix.length && text.endsWith(suffix) ? text.slice(0, -suffix.length) : undefined;
}
