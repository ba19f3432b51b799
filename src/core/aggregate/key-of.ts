import {
  type AllocationProperties,
  DEFAULT_ALIASES,
  type LabelAliases,
  sanitizeLabelName,
  UNALLOCATED,
  UNMOUNTED,
} from '../allocation-properties.ts';
import { type AggregateKey, KINDS_OF_KEY } from './aggregate-keys.ts';

/**
 * The name under which an allocation is summed: one part for each key, joined by slashes; `''` for no key. What an
 * allocation does not have, or has as `''`, is `__unallocated__`, and a filter finds it by that word. (OpenCost writes
 * nothing for a cluster, node, namespace, pod or container that is not known: one such name looks like another.)
 */
export function aggregateKeyOf(
  keys: readonly AggregateKey[],
  allocation: AllocationProperties,
  aliases: LabelAliases = DEFAULT_ALIASES,
): string {
  return keys.map((key) => partOf(key, allocation, aliases) || UNALLOCATED).join('/');
}

function partOf(key: AggregateKey, allocation: AllocationProperties, aliases: LabelAliases): string | undefined {
  const { controller, controllerKind } = allocation;
  switch (key.kind) {
    case 'text':
      return allocation[key.property];
    case 'controller':
      return controller === '' || controllerKind === '' ? controller : `${controllerKind}:${controller}`;
    case 'controllerOfKind':
      return KINDS_OF_KEY[key.controllerKind].includes(controllerKind) ? controller : '';
    case 'service':
      return serviceOf(allocation);
    case 'map':
      return allocation[key.property].get(key.key);
    case 'alias': {
      const name = sanitizeLabelName(aliases[key.alias]);
      return allocation.labels.get(name) ?? allocation.annotations.get(name);
    }
    default:
      return key satisfies never;
  }
}

/** The first of its services. What is unmounted stays so: a load balancer without pods has a service and yet no user. */
function serviceOf({ services, namespace, pod, container }: AllocationProperties): string | undefined {
  if (services.length > 0 && [namespace, pod, container].includes(UNMOUNTED)) return UNMOUNTED;
  return services[0];
}
