import { sanitizedMapSql } from './filter-sql.ts';
import { fillSql, readSql } from './statements.ts';

/** What a question asks of leaves beyond what the ledger's rows hold: of their nodes, namespaces, and services. */
export interface Beyond {
  readonly nodes: boolean;
  readonly namespaces: boolean;
  readonly services: boolean;
}

/** Operators and Prometheus write `label_` before a label's name. */
export function bareLabelsSql(map: string): string {
  return sanitizedMapSql(
    `mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), CAST(${map}, 'Map(String, String)'))`,
  );
}

const told = (column: string) => sanitizedMapSql(`JSONExtract(d.${column}, 'Map(String, String)')`);

/** What namespaces say of themselves, one row each: `told_cluster`, `told_namespace`, `namespace_labels`, `namespace_annotations`. */
export const NAMESPACES_TOLD = fillSql(readSql('allocation-namespaces'), {
  labels: told('labels'),
  annotations: told('annotations'),
});
/** Services that choose pods, one row a namespace: `selecting_cluster`, `selecting_namespace`, `selectors`. */
export const SERVICES_TOLD = fillSql(readSql('allocation-services'), { selector: told('selector') });

const JOINS = {
  nodes: `LEFT JOIN (${readSql('allocation-nodes')}) AS n ON l.cluster = n.cluster AND l.node = n.node`,
  namespaces: `LEFT JOIN (${NAMESPACES_TOLD}) AS t ON l.cluster = t.told_cluster AND l.namespace = t.told_namespace`,
  services: `LEFT JOIN (${SERVICES_TOLD}) AS s ON l.cluster = s.selecting_cluster AND l.namespace = s.selecting_namespace`,
} as const satisfies Record<keyof Beyond, string>;

/** Joins what is asked about to the leaves, which stand before it as `l`; nothing where nothing is. */
export function leafJoins(beyond: Partial<Beyond>): string {
  const asked = (['nodes', 'namespaces', 'services'] as const).filter((what) => beyond[what] === true);
  return asked.map((what) => JOINS[what]).join('\n');
}
