import { PRESETS, type Preset } from '../lib/time-window.ts';
import styles from './cost-filters.module.css';

interface WindowPresetsProps {
  /** Null while a range of one's own is shown. */
  value: Preset | null;
  onChange: (preset: Preset) => void;
}

export function WindowPresets({ value, onChange }: WindowPresetsProps) {
  return (
    <div className={styles.presets} role="group" aria-label="Window">
      {PRESETS.map((preset) => (
        <button
          key={preset.value}
          type="button"
          className={styles.preset}
          aria-pressed={preset.value === value}
          onClick={() => onChange(preset.value)}
        >
          {preset.label}
        </button>
      ))}
    </div>
  );
}
