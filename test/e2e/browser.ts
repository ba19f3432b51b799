import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';

/** Debian's browser: the tests bring none of their own. */
const CHROMIUM = '/usr/bin/chromium';
const WAIT_MS_MAX = 15_000;
/** It renders our own page alone, it needs no sandbox, and it must ask nobody but our server for anything. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface PageView {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export interface OpenPage {
  readonly page: Page;
  /** What the browser complained about so far: uncaught errors, and what the content security policy forbade. */
  readonly complaints: readonly string[];
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A page in a context of its own, with nothing stored, in a time zone far from UTC. */
export async function openPage(browser: Browser, url: string, view: PageView = {}): Promise<OpenPage> {
  const { width = 1_280, height = 900, colorScheme = 'light' } = view;
  const viewport = { width, height };
  // Reduced motion: a popover that is still fading in has colours that no reader gets to judge.
  const options = { reducedMotion: 'reduce', timezoneId: 'Pacific/Auckland' } as const;
  const context = await browser.newContext({ viewport, colorScheme, ...options });
  context.setDefaultTimeout(WAIT_MS_MAX);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const refused = message.text().includes('the server responded with a status of 401'); // what some tests are about
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

const AxeResults = z.object({
  passes: z.array(z.unknown()),
  violations: z.array(
    z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })) }),
  ),
});

/** What axe finds wrong with the page as it is now, one line per element; throws when axe looked at nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { passes, violations } = AxeResults.parse(await page.evaluate('axe.run()'));
  if (passes.length === 0) throw new Error('axe found nothing to check');
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} – ${node.failureSummary}`));
}

/** Pixels by which the page is wider than its window: a phone's reader would have to scroll sideways. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  const script = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  return z.number().parse(await page.evaluate(script));
}
