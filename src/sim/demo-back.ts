/** The demo's inner teams: batches, notebooks, build runners, and what watches all of them. */
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { container, deployment, type Place, shortCron, statefulSet, workload } from './catalog.ts';
import type { WorkloadPlan } from './plan.ts';

export function data(): WorkloadPlan[] {
  const place: Place = { namespace: 'data', team: 'insight', env: 'production' };
  return [
    statefulSet('warehouse', place, {
      replicas: 2,
      volumeGib: 500,
      pools: ['memory'],
      containers: [container('postgres', { ask: '1/6Gi', limit: '-/8Gi', use: '350m/5Gi' }, { profile: 'nightly' })],
    }),
    deployment('airflow', place, {
      replicas: [3, 3],
      containers: [
        container('scheduler', { ask: '500m/1Gi', use: '90m/700Mi' }),
        container('log-groomer', { ask: '-/-', use: '5m/30Mi' }),
      ],
    }),
    deployment('executor', place, {
      replicas: [4, 6],
      pools: ['batch'],
      containers: [
        container('spark', { ask: '1/2Gi', use: '250m/1800Mi' }, { profile: 'nightly', burstEvery: 6, burstFactor: 2 }),
      ],
    }),
    workload({
      ...place,
      kind: 'CronJob',
      name: 'load-orders',
      presence: { kind: 'cron', periodMs: HOUR_MS, durationMinMs: 6 * MINUTE_MS, durationMaxMs: 14 * MINUTE_MS },
      containers: [container('load', { ask: '250m/512Mi', use: '700m/900Mi' })],
    }),
    shortCron(place, 'heartbeat', 2),
  ];
}

/**
 * Notebooks that ask for nothing, beside trainers that reserve what they do not use: together they hold more of a batch
 * node than there is of it. This is the demo's overcommitment.
 */
export function machineLearning(): WorkloadPlan[] {
  const place: Place = { namespace: 'ml', team: 'science', env: 'production' };
  return [
    deployment('notebook', place, {
      replicas: [6, 6],
      pools: ['batch'],
      versionLifeMs: 0,
      containers: [container('jupyter', { ask: '-/-', use: '900m/1200Mi' }, { profile: 'flat', leakPercent: 40 })],
    }),
    deployment('trainer', place, {
      replicas: [4, 4],
      pools: ['batch'],
      containers: [container('trainer', { ask: '4500m/6Gi', use: '350m/1Gi' }, { profile: 'nightly' })],
    }),
    deployment('inference', place, {
      replicas: [6, 10],
      balancer: true,
      containers: [
        container('server', { ask: '600m/1Gi', limit: '2/2Gi', use: '200m/850Mi' }, { profile: 'business' }),
      ],
    }),
  ];
}

export function continuousIntegration(): WorkloadPlan[] {
  const place: Place = { namespace: 'ci', team: 'platform', env: 'shared' };
  return [
    deployment('runner', place, {
      replicas: [4, 12],
      versionLifeMs: 0,
      containers: [
        container(
          'runner',
          { ask: '250m/512Mi', use: '120m/400Mi' },
          { profile: 'business', burstEvery: 5, burstFactor: 2 },
        ),
        container('docker', { ask: '-/-', use: '60m/120Mi' }, { profile: 'business' }),
      ],
    }),
    shortCron(place, 'cleanup', 10),
  ];
}

export function monitoring(env: string): WorkloadPlan[] {
  const place: Place = { namespace: 'monitoring', team: 'platform', env: 'shared' };
  const large = env === 'production';
  return [
    statefulSet('prometheus', place, {
      replicas: large ? 2 : 1,
      volumeGib: 50,
      containers: [
        container('prometheus', { ask: large ? '500m/3Gi' : '200m/1Gi', use: large ? '300m/2500Mi' : '80m/700Mi' }),
        container('reloader', { ask: '10m/16Mi', use: '1m/12Mi' }),
      ],
    }),
    deployment('grafana', place, {
      replicas: [2, 2],
      containers: [container('grafana', { ask: '100m/128Mi', use: '15m/110Mi' })],
    }),
    deployment('alertmanager', place, {
      replicas: [2, 2],
      containers: [container('alertmanager', { ask: '50m/64Mi', use: '5m/40Mi' })],
    }),
    deployment('kube-state-metrics', place, {
      replicas: [1, 1],
      containers: [container('ksm', { ask: '20m/64Mi', use: '10m/70Mi' })],
    }),
  ];
}
