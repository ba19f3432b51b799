import { Button, PasswordInput } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { createApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import { fetchClusterCosts } from '../api/costs.ts';
import { HOUR_MS } from '../lib/time-window.ts';
import { useCurrentHour } from '../lib/use-current-hour.ts';
import { Logo } from '../shell/logo.tsx';
import { looksLikeKey } from './session.ts';
import styles from './sign-in.module.css';
import { useSession, useSessionStore } from './use-session.ts';

/** Asks for a key and tries it, so that a wrong one is told here and not on an empty page. */
export function SignIn() {
  useDocumentTitle('Sign in – Kubetally');
  const { key, setKey, problem, busy, submit } = useSignIn();
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit} noValidate>
        <Logo />
        <h1>Sign in</h1>
        <p>Use an API key that may read costs. It stays in this tab and is forgotten when you close it.</p>
        <PasswordInput
          label="API key"
          placeholder="key_id:secret"
          autoComplete="current-password"
          spellCheck={false}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={problem}
          errorProps={{ role: 'alert' }}
          data-autofocus
          classNames={{ innerInput: styles.key ?? '' }}
        />
        <Button type="submit" fullWidth loading={busy} mt={16}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

function useSignIn() {
  const store = useSessionStore();
  const { notice } = useSession();
  const hour = useCurrentHour();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState(notice);
  const [busy, setBusy] = useState(false);

  const attempt = async () => {
    const trimmed = key.trim();
    if (!looksLikeKey(trimmed)) return setProblem('A key has two parts, joined by a colon: key_id:secret');
    setBusy(true);
    try {
      await fetchClusterCosts(createApiClient(trimmed), { start: hour - HOUR_MS, end: hour });
      store.signIn(trimmed);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.message);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt();
  };
  return { key, setKey, problem, busy, submit };
}
