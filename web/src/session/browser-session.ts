import { keyFromFragment, type SessionStore } from './session.ts';

/** The tab's storage, or null where the browser's settings forbid it. */
export function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Signs in with a key that a link brought, and takes it out of the address bar and the history. */
export function takeKeyFromAddress(session: SessionStore): void {
  const key = keyFromFragment(window.location.hash);
  if (key === null) return;
  session.signIn(key);
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
}
