import { useDocumentTitle } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import styles from './shell.module.css';

export function NotFound() {
  useDocumentTitle('Not found – Kubetally');
  return (
    <div className={styles.lost}>
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to costs</Link>
      </p>
    </div>
  );
}
