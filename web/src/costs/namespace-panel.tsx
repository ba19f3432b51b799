import { Button, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { SearchIcon } from '../components/icons.tsx';
import { Message } from '../components/message.tsx';
import { Panel } from '../components/panel.tsx';
import { formatCount } from '../lib/numbers.ts';
import { arrange, type CostSummary } from './namespace-rows.ts';
import styles from './namespace-table.module.css';
import { NamespaceTable } from './namespace-table.tsx';
import { readCostSearch, sortOf, withSort } from './search-params.ts';
import { useCostSearch } from './use-cost-search.ts';

/** Shown at first: enough for most, and quick to draw for all. */
const ROWS_SHOWN = 100;

interface NamespacePanelProps {
  summary: CostSummary;
  /** How many the server knows, special lines included; more than were read when there are very many. */
  namespacesAll: number;
}

/** Who caused the cost, to be searched and sorted. */
export function NamespacePanel({ summary, namespacesAll }: NamespacePanelProps) {
  const { search, push, refine } = useCostSearch();
  const [expanded, setExpanded] = useState(false);
  const words = useDeferredValue(search.q ?? '');
  const sort = sortOf(search);
  const found = useMemo(
    () => arrange(summary.namespaces, words, { key: sort.key, descending: sort.descending }),
    [summary, words, sort.key, sort.descending],
  );
  const shown = expanded ? found : found.slice(0, ROWS_SHOWN);
  const unread = namespacesAll - summary.namespaces.length - summary.special.length;
  return (
    <Panel
      title="Namespaces"
      aside={<span role="status">{countOf(found.length, summary.namespaces.length)}</span>}
      controls={
        <TextInput
          type="search"
          size="xs"
          aria-label="Search namespaces"
          placeholder="Search"
          leftSection={<SearchIcon />}
          value={search.q ?? ''}
          onChange={(event) => refine(readCostSearch({ ...search, q: event.currentTarget.value }))}
          classNames={{ input: styles.search ?? '' }}
        />
      }
    >
      <NamespaceTable rows={shown} summary={summary} sort={sort} onSort={(key) => push(withSort(search, key))} />
      {found.length === 0 && words !== '' ? <Message title={`No namespace matches “${words}”`} /> : null}
      {shown.length < found.length ? (
        <Button variant="default" size="xs" mt={12} onClick={() => setExpanded(true)}>
          Show all {formatCount(found.length)}
        </Button>
      ) : null}
      {unread > 0 ? (
        <p className={styles.cut}>{formatCount(unread)} more namespaces are in the total but not listed.</p>
      ) : null}
    </Panel>
  );
}

function countOf(found: number, all: number): string {
  return found === all ? formatCount(all) : `${formatCount(found)} of ${formatCount(all)}`;
}
