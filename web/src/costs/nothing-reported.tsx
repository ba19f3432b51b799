import { Button } from '@mantine/core';
import type { CostScope } from '../api/costs.ts';
import { Message } from '../components/message.tsx';
import { HOUR_MS } from '../lib/time-window.ts';
import { withWindow } from './search-params.ts';
import { useCostSearch } from './use-cost-search.ts';

/** No cluster reported anything: which is not the same as "it cost nothing". */
export function NothingReported({ scope, hour }: { scope: CostScope; hour: number }) {
  const { search, push } = useCostSearch();
  const who = scope.cluster === undefined ? 'No cluster' : `The cluster “${scope.cluster}”`;
  return (
    <Message title="Nothing was reported in this window">
      <p>
        {who} {scope.cluster === undefined ? 'has' : 'has not'} sent data for these hours, so what they cost is unknown.
        A cluster that has just been connected shows first in the hour in progress.
      </p>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, justifyContent: 'center', marginTop: 8 }}>
        <Button variant="default" onClick={() => push(withWindow(search, { start: hour, end: hour + HOUR_MS }))}>
          Show the hour in progress
        </Button>
        {scope.cluster === undefined ? null : (
          <Button variant="default" onClick={() => push(withoutCluster(search))}>
            Show all clusters
          </Button>
        )}
      </div>
    </Message>
  );
}

function withoutCluster({ cluster: _cluster, ...rest }: ReturnType<typeof useCostSearch>['search']) {
  return rest;
}
