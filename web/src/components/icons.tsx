import type { ReactNode } from 'react';

/** Icons say nothing to a screen reader: the control that holds one is labelled. */
function Icon({ children, size = 16 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      {children}
    </svg>
  );
}

export function SunIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.85.85M11.75 11.75l.85.85M12.6 3.4l-.85.85M4.25 11.75l-.85.85" />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon>
      <path d="M13.3 9.7A5.6 5.6 0 0 1 6.3 2.7a5.6 5.6 0 1 0 7 7Z" />
    </Icon>
  );
}

export function SearchIcon() {
  return (
    <Icon size={14}>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </Icon>
  );
}

export function CheckIcon() {
  return (
    <Icon size={14}>
      <path d="m3 8.5 3.25 3.25L13 5" />
    </Icon>
  );
}

export function WarningIcon() {
  return (
    <Icon size={14}>
      <path d="M8 2 1.5 13.5h13L8 2ZM8 6.5v3.25M8 11.9v.1" />
    </Icon>
  );
}

export function CalendarIcon() {
  return (
    <Icon size={14}>
      <path d="M2 4.5A1.5 1.5 0 0 1 3.5 3h9A1.5 1.5 0 0 1 14 4.5v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12.5v-8ZM2 6.5h12M5.25 1.5V4M10.75 1.5V4" />
    </Icon>
  );
}

export function ChevronIcon() {
  return (
    <Icon size={14}>
      <path d="m4 6.5 4 4 4-4" />
    </Icon>
  );
}

/** Points the way a column is sorted. */
export function SortIcon({ descending }: { descending: boolean }) {
  return <Icon size={12}>{descending ? <path d="m4 6.5 4 4 4-4" /> : <path d="m4 9.5 4-4 4 4" />}</Icon>;
}
