/** One point of one series. `labels` holds `__name__`; none is empty. */
export interface SeriesPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One point; labels without a value are left out, as Prometheus has it. */
export function point(metric: string, labels: Readonly<Record<string, string>>, value: number): SeriesPoint {
  const told = Object.entries(labels).filter(([, text]) => text !== '');
  return { labels: { __name__: metric, ...Object.fromEntries(told) }, value };
}

/** Kubernetes labels as kube-state-metrics names them: `eks.amazonaws.com/capacityType` is `label_eks_amazonaws_com_capacity_type`. */
export function labelNames(labels: Readonly<Record<string, string>>): Record<string, string> {
  return namesWith('label_', labels);
}

/** Annotations likewise, which are `annotation_…` there. */
export function annotationNames(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return namesWith('annotation_', annotations);
}

function namesWith(prefix: string, texts: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(texts).map(([key, text]) => {
    const safe = key.replaceAll(/[^a-zA-Z0-9_]/g, '_').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
    return [`${prefix}${safe.toLowerCase()}`, text];
  });
  return Object.fromEntries(named);
}
