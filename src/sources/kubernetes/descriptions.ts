import type { NamespaceSample, ServiceSample } from '../../core/samples.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import type { NamespaceRecord, ServiceRecord } from './records.ts';

/**
 * What namespaces and services say of themselves, beat by beat: those that changed since the last one, and all of them once
 * an hour of the clock. The store keeps one row a day of each, so saying more would be of no use.
 */
export interface Descriptions {
  changedNamespace(namespace: NamespaceRecord): void;
  changedService(service: ServiceRecord): void;
  /** What a beat at `at` has to say. */
  beat(at: number): Told;
}

interface Told {
  readonly namespaces: readonly NamespaceSample[];
  readonly services: readonly ServiceSample[];
}

interface Known {
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
  readonly services: ReadonlyMap<string, ServiceRecord>;
}

export function createDescriptions(known: Known): Descriptions {
  /** By uid: what was deleted since needs no telling. */
  const changed = new Set<string>();
  let toldHour = Number.NEGATIVE_INFINITY;

  return {
    changedNamespace: ({ uid }) => changed.add(uid),
    changedService: ({ uid }) => changed.add(uid),
    beat(at) {
      const hour = Math.floor(at / HOUR_MS);
      const isDue = ({ uid }: { uid: string }) => hour > toldHour || changed.has(uid);
      const told = {
        namespaces: [...known.namespaces.values()].filter(isDue).map((namespace) => namespaceSample(namespace, at)),
        services: [...known.services.values()].filter(isDue).map((service) => serviceSample(service, at)),
      };
      toldHour = Math.max(toldHour, hour);
      changed.clear();
      return told;
    },
  };
}

function namespaceSample({ name, labels, annotations }: NamespaceRecord, at: number): NamespaceSample {
  return { at, namespace: name, labels, annotations };
}

function serviceSample({ namespace, name, selector }: ServiceRecord, at: number): ServiceSample {
  return { at, namespace, service: name, selector };
}
