import { Button } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { useSessionStore } from '../session/use-session.ts';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import { SchemeToggle } from './scheme-toggle.tsx';
import styles from './shell.module.css';

const MAIN_ID = 'main';

/** What every page stands in: header with navigation, then the page. */
export function Shell() {
  const session = useSessionStore();
  return (
    <>
      <a className={styles.skip} href={`#${MAIN_ID}`}>
        Skip to content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Logo />
          <Navigation />
          <div className={styles.actions}>
            <SchemeToggle />
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              fw={450}
              c="var(--ink-soft)"
              onClick={() => session.signOut()}
            >
              Sign out
            </Button>
          </div>
        </div>
      </header>
      <main id={MAIN_ID} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </>
  );
}
