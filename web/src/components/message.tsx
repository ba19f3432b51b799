import type { ReactNode } from 'react';
import styles from './message.module.css';

interface MessageProps {
  title: string;
  /** Errors are announced at once, the rest when the reader gets there. */
  urgent?: boolean;
  children?: ReactNode;
}

/** In place of content: nothing there yet, or an error, with what can be done about it. */
export function Message({ title, urgent = false, children }: MessageProps) {
  return (
    <div className={styles.message} role={urgent ? 'alert' : 'status'} data-urgent={urgent || undefined}>
      <p className={styles.title}>{title}</p>
      {children}
    </div>
  );
}
