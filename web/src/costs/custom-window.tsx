import { Button, Popover } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CalendarIcon } from '../components/icons.tsx';
import { formatUtcField, HOUR_MS, parseUtcField, type TimeWindow, windowProblem } from '../lib/time-window.ts';
import styles from './cost-filters.module.css';

interface CustomWindowProps {
  /** Shown now: where the fields begin. */
  window: TimeWindow;
  hour: number;
  /** The window shown is one of these and no preset. */
  active: boolean;
  onChange: (window: TimeWindow) => void;
}

/** A range by the hour, in UTC like everything on the page. */
export function CustomWindow({ window, hour, active, onChange }: CustomWindowProps) {
  const [opened, setOpened] = useState(false);
  const apply = (range: TimeWindow) => {
    setOpened(false);
    onChange(range);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus withRoles>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-md"
          h={34}
          fz={13}
          className={styles.custom ?? ''}
          data-active={active || undefined}
          leftSection={<CalendarIcon />}
          onClick={() => setOpened((before) => !before)}
        >
          Custom
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Custom window">
        <RangeForm window={window} hour={hour} onApply={apply} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface RangeFormProps {
  window: TimeWindow;
  hour: number;
  onApply: (window: TimeWindow) => void;
}

function RangeForm({ window, hour, onApply }: RangeFormProps) {
  const [from, setFrom] = useState(formatUtcField(window.start));
  const [to, setTo] = useState(formatUtcField(window.end));
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const range = { start: parseUtcField(from), end: parseUtcField(to) };
    const found = windowProblem(range);
    setProblem(found);
    if (found === undefined) onApply(range);
  };
  const latest = formatUtcField(hour + HOUR_MS);
  return (
    <form className={styles.range} onSubmit={submit} noValidate>
      <label>
        From (UTC)
        <input
          type="datetime-local"
          step={3600}
          max={latest}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        Until (UTC)
        <input
          type="datetime-local"
          step={3600}
          max={latest}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      {problem === undefined ? <p>Full hours; the end is not included.</p> : <p role="alert">{problem}</p>}
      <Button type="submit">Show</Button>
    </form>
  );
}
