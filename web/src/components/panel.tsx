import { type ReactNode, useId } from 'react';
import styles from './panel.module.css';

interface PanelProps {
  title: string;
  /** Beside the title, in smaller type. */
  aside?: ReactNode;
  /** At the right end of the title's line. */
  controls?: ReactNode;
  children: ReactNode;
}

/** One titled part of a page; a landmark that screen readers can jump to. */
export function Panel({ title, aside, controls, children }: PanelProps) {
  const titleId = useId();
  return (
    <section className={styles.panel} aria-labelledby={titleId}>
      <div className={styles.head}>
        <h2 id={titleId}>{title}</h2>
        {aside === undefined ? null : <span className={styles.aside}>{aside}</span>}
        {controls === undefined ? null : <div className={styles.controls}>{controls}</div>}
      </div>
      {children}
    </section>
  );
}
