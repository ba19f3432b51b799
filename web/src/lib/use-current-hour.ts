import { useEffect, useState } from 'react';
import { HOUR_MS } from './time-window.ts';

/** Short, rather than one timer for the whole hour: a laptop that slept must not show yesterday's window. */
const CHECK_EVERY_MS = 15_000;

/** Start of the current UTC hour; renders anew when the next one begins. The page's only clock. */
export function useCurrentHour(): number {
  const [hour, setHour] = useState(currentHour);
  useEffect(() => {
    const timer = setInterval(() => setHour(currentHour()), CHECK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return hour;
}

function currentHour(): number {
  return Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
}
