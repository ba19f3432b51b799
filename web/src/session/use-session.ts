import { createContext, use, useMemo, useSyncExternalStore } from 'react';
import { type ApiClient, createApiClient } from '../api/api-client.ts';
import { createSession, type Session, type SessionStore } from './session.ts';

export const SessionContext = createContext<SessionStore>(createSession(null));

export function useSessionStore(): SessionStore {
  return use(SessionContext);
}

export function useSession(): Session {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The API with the key of the session; without one every call is refused by the server. */
export function useApi(): ApiClient {
  const { key } = useSession();
  return useMemo(() => createApiClient(key ?? ''), [key]);
}
