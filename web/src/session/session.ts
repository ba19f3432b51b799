/**
 * The API key this tab works with. It lives in sessionStorage, so that it ends with the tab and never reaches a log;
 * a link may bring one in its fragment (`/#key=<key_id>:<secret>`), which browsers do not send to servers.
 */
export interface Session {
  /** `<key_id>:<secret>`, or null when nobody is signed in. */
  readonly key: string | null;
  /** Why the last session ended, in the server's words. */
  readonly notice: string | null;
}

export interface SessionStore {
  readonly get: () => Session;
  readonly subscribe: (listener: () => void) => () => void;
  readonly signIn: (key: string) => void;
  /** Forgets the key; `notice` is shown on the sign-in screen. */
  readonly signOut: (notice?: string) => void;
}

/** The part of `Storage` that is used here; null where the browser forbids storage. */
type KeyStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const STORAGE_KEY = 'kubetally.key';
const KEY_PATTERN = /^[^\s:]+:\S+$/;

/** Whether a text has the form of a key; whether it is one, only the server knows. */
export function looksLikeKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** The key in a URL fragment such as `#key=id:secret`, or null. */
export function keyFromFragment(fragment: string): string | null {
  const key = new URLSearchParams(fragment.replace(/^#/, '').replaceAll('+', '%2B')).get('key');
  return key !== null && looksLikeKey(key) ? key : null;
}

export function createSession(storage: KeyStorage | null): SessionStore {
  let session: Session = { key: storage?.getItem(STORAGE_KEY) ?? null, notice: null };
  const listeners = new Set<() => void>();
  const become = (next: Session) => {
    session = next;
    if (next.key === null) storage?.removeItem(STORAGE_KEY);
    else storage?.setItem(STORAGE_KEY, next.key);
    for (const listener of listeners) listener();
  };
  return {
    get: () => session,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn: (key) => become({ key, notice: null }),
    signOut: (notice) => become({ key: null, notice: notice ?? null }),
  };
}
