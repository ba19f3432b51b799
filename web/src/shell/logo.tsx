import styles from './shell.module.css';

/** Five tally strokes: what the product does, counting. */
export function Logo() {
  return (
    <span className={styles.logo}>
      <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
        <rect width="24" height="24" rx="5.5" fill="#2b44a8" />
        <g fill="none" stroke="#fff" strokeWidth="1.9" strokeLinecap="round">
          <path d="M7 6.5v11M10.4 6.5v11M13.8 6.5v11M17.2 6.5v11" />
          <path d="M4.8 15.6 19.4 8.4" stroke="#7fe0cf" />
        </g>
      </svg>
      Kubetally
    </span>
  );
}
