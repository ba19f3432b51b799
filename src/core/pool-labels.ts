/** Labels of nodes that name the pool they are of, as clouds and autoscalers write them, in the spelling of `sanitizeLabelName`. */
export const POOL_LABELS = [
  'eks_amazonaws_com_nodegroup',
  'cloud_google_com_gke_nodepool',
  'kubernetes_azure_com_agentpool',
  'agentpool',
  'karpenter_sh_nodepool',
  'karpenter_sh_provisioner_name',
] as const;
