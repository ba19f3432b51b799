import { z } from 'zod';

/** The settings of `kubernetes`: one cluster that the server itself watches through its API. */

const name = z.string().trim().min(1).max(253);

export const Kubernetes = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Watch a Kubernetes API. One replica does; it needs the rights of deploy/rbac.yaml.'),
  kubeconfig: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .optional()
    .describe('Path of a kubeconfig file; without one, the service account of the pod that this runs in.'),
  context: name.optional().describe('Context of that file; without one, its current context.'),
  tenant: name.default('default').describe('Tenant, by name, whose cluster this is.'),
  cluster: name
    .optional()
    .describe('Name of the cluster where its nodes have no annotation cluster.x-k8s.io/cluster-name.'),
});
