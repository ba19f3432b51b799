import styles from './split-bar.module.css';

export interface Segment {
  readonly kind: 'cpu' | 'ram' | 'other' | 'idle';
  /** Of the bar's full length, 0 to 1. */
  readonly share: number;
}

/** A bar cut into parts. Decoration: the numbers stand beside it as text. */
export function SplitBar({ segments, size = 'thin' }: { segments: readonly Segment[]; size?: 'thin' | 'thick' }) {
  return (
    <span className={styles.bar} data-size={size} aria-hidden="true">
      {segments.map(({ kind, share }) => (
        <span key={kind} className={styles[kind]} style={{ width: `${Math.max(0, share) * 100}%` }} />
      ))}
    </span>
  );
}

export function Swatch({ kind }: { kind: Segment['kind'] | 'gap' }) {
  return <span className={`${styles.swatch} ${styles[kind]}`} aria-hidden="true" />;
}
