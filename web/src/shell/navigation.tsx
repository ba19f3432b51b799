import { Link } from '@tanstack/react-router';
import styles from './shell.module.css';

const PAGES = [{ to: '/', label: 'Costs' }] as const;

export function Navigation() {
  return (
    <nav aria-label="Pages" style={{ alignSelf: 'stretch', display: 'flex' }}>
      <ul className={styles.nav}>
        {PAGES.map(({ to, label }) => (
          <li key={to}>
            <Link to={to} className={styles.link} activeOptions={{ includeSearch: false }}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
