/** The demo's customer-facing teams. `size` scales their replicas. */
import { DAY_MS } from '../lib/clock.ts';
import { container, deployment, type Place, shortCron, statefulSet } from './catalog.ts';
import type { WorkloadPlan } from './plan.ts';

const sidecar = container('istio-proxy', { ask: '50m/64Mi', limit: '2/1Gi', use: '12m/60Mi' }, { profile: 'business' });

export function shop(env: string, size: number): WorkloadPlan[] {
  const place: Place = { namespace: 'shop', team: 'storefront', env };
  return [
    deployment('frontend', place, {
      replicas: [2 * size, 4 * size],
      balancer: true,
      versionLifeMs: DAY_MS,
      containers: [
        container(
          'nginx',
          { ask: '250m/256Mi', limit: '1/512Mi', use: '80m/140Mi' },
          { profile: 'evening', burstEvery: 15, burstFactor: 2 },
        ),
        sidecar,
      ],
    }),
    deployment('catalog', place, {
      replicas: [2 * size, 3 * size],
      containers: [
        container('app', { ask: '400m/512Mi', limit: '-/1Gi', use: '70m/380Mi' }, { profile: 'evening' }),
        sidecar,
      ],
    }),
    deployment('cart', place, {
      replicas: [2 * size, 3 * size],
      containers: [container('app', { ask: '100m/256Mi', use: '115m/300Mi' }, { profile: 'evening' }), sidecar],
    }),
    deployment('checkout', place, {
      replicas: [size, 3 * size],
      versionLifeMs: 2 * DAY_MS,
      containers: [
        container(
          'app',
          { ask: '300m/512Mi', limit: '1/1Gi', use: '150m/420Mi' },
          { profile: 'evening', leakPercent: 30 },
        ),
        sidecar,
      ],
    }),
    deployment('recommendations', place, {
      replicas: [size, 2 * size],
      containers: [container('model', { ask: '500m/1Gi', use: '280m/900Mi' }, { profile: 'evening' })],
    }),
    deployment('images', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '80m/128Mi', use: '9m/100Mi' }, { profile: 'business' }), sidecar],
    }),
    deployment('reviews', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '70m/160Mi', use: '9m/110Mi' }, { profile: 'business' }), sidecar],
    }),
    deployment('email', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '50m/128Mi', use: '3m/90Mi' }, { profile: 'business' }), sidecar],
    }),
    statefulSet('redis', place, {
      replicas: size,
      volumeGib: 8,
      containers: [container('redis', { ask: '100m/512Mi', limit: '-/1Gi', use: '60m/450Mi' }, { profile: 'evening' })],
    }),
    shortCron(place, 'abandoned-carts', 5),
  ];
}

export function payments(env: string, size: number): WorkloadPlan[] {
  const place: Place = { namespace: 'payments', team: 'payments', env };
  return [
    deployment('payments-api', place, {
      replicas: [2 * size, 3 * size],
      balancer: true,
      versionLifeMs: 4 * DAY_MS,
      containers: [
        container('app', { ask: '500m/512Mi', limit: '500m/512Mi', use: '45m/300Mi' }, { profile: 'business' }),
        sidecar,
      ],
    }),
    deployment('fraud-check', place, {
      replicas: [size, 2 * size],
      containers: [
        container(
          'scorer',
          { ask: '200m/768Mi', use: '160m/700Mi' },
          { profile: 'business', burstEvery: 10, burstFactor: 2 },
        ),
      ],
    }),
    deployment('ledger', place, {
      replicas: [size, size],
      containers: [
        container('app', { ask: '250m/512Mi', limit: '250m/512Mi', use: '60m/350Mi' }, { profile: 'business' }),
      ],
    }),
    deployment('invoices', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '60m/128Mi', use: '5m/90Mi' }, { profile: 'business' }), sidecar],
    }),
    deployment('webhooks', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '60m/96Mi', use: '8m/80Mi' }, { profile: 'business' }), sidecar],
    }),
    statefulSet('kafka', place, {
      replicas: size,
      volumeGib: 100,
      containers: [
        container('kafka', { ask: '300m/2Gi', limit: '-/3Gi', use: '180m/1700Mi' }, { profile: 'business' }),
      ],
    }),
    shortCron(place, 'settle', 15),
  ];
}

export function search(env: string, size: number): WorkloadPlan[] {
  const place: Place = { namespace: 'search', team: 'discovery', env };
  const large = env === 'production';
  return [
    deployment('search-api', place, {
      replicas: [2 * size, 4 * size],
      balancer: true,
      containers: [container('app', { ask: '300m/384Mi', use: '170m/300Mi' }, { profile: 'evening' }), sidecar],
    }),
    deployment('indexer', place, {
      replicas: [size, size],
      containers: [container('indexer', { ask: '200m/512Mi', use: '300m/480Mi' }, { profile: 'nightly' })],
    }),
    deployment('suggest', place, {
      replicas: [2 * size, 2 * size],
      containers: [container('app', { ask: '60m/256Mi', use: '20m/220Mi' }, { profile: 'business' }), sidecar],
    }),
    statefulSet('elasticsearch', place, {
      replicas: large ? 3 : 1,
      volumeGib: large ? 200 : 20,
      pools: large ? ['memory'] : [],
      containers: [
        container(
          'elasticsearch',
          { ask: large ? '1/12Gi' : '500m/2Gi', use: large ? '600m/11Gi' : '100m/1500Mi' },
          { profile: 'evening' },
        ),
      ],
    }),
  ];
}
