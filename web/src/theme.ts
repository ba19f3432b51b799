import { type CSSVariablesResolver, createTheme } from '@mantine/core';

const FONT =
  'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

/** Mantine's part of the look; colours and measures of our own are in theme.css. */
export const theme = createTheme({
  fontFamily: FONT,
  headings: { fontFamily: FONT, fontWeight: '600' },
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  black: '#141a24',
  colors: {
    dark: [
      '#e9edf3',
      '#c3cad5',
      '#98a3b3',
      '#6b7686',
      '#3a424e',
      '#262c35',
      '#1b2027',
      '#161a20',
      '#0f1216',
      '#0b0d10',
    ],
  },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's own variables, where they must agree with ours: its red on a dark panel is too faint to read. */
const OURS = {
  '--mantine-color-error': 'var(--bad-ink)',
  '--mantine-color-placeholder': 'var(--ink-soft)',
};

/** For MantineProvider: puts them in both schemes. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: OURS, dark: OURS });
