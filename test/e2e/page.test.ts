import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMoney } from '../../src/lib/money.ts';
import { accessibilityProblems, launchBrowser, openPage, type PageView, sidewaysOverflow } from './browser.ts';
import { openPageLab, type PageLab } from './page-lab.ts';

let browser: Browser;
let lab: PageLab;

beforeAll(async () => {
  lab = await openPageLab();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await lab?.close();
});

/** The page as the demo's link opens it: with the key in the fragment. */
async function open(search = '', view: PageView = {}) {
  const opened = await openPage(browser, `${lab.url}/${search}#key=${lab.key}`, view);
  await totalOf(opened.page);
  return opened;
}

async function totalOf(page: Page): Promise<string | null> {
  const total = page.getByTestId('total-cost').locator('data');
  await total.waitFor();
  return total.getAttribute('value');
}

/** Lines of the bill that are no namespace, as the page calls them. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['__idle__', 'Idle'],
  ['__management__', 'Cluster management'],
]);
const OTHERS = ['gpu', 'pv', 'network', 'load_balancer', 'management'] as const;

/** An amount as the page's markup carries it; as integers, because a double would hide the last digits. */
function exact(text: string | null): bigint {
  return parseMoney(text ?? 'missing');
}

/** What the page says its window is, as the API would be asked for it. */
function windowOf(page: Page): { start: number; end: number } {
  const { searchParams } = new URL(page.url());
  return { start: Date.parse(`${searchParams.get('from')}Z`), end: Date.parse(`${searchParams.get('to')}Z`) };
}

/** The last twelve full hours: what the lab holds. */
function halfDay(): string {
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const field = (at: number) => new Date(at).toISOString().slice(0, 16);
  return `?from=${field(hour - 12 * 3_600_000)}&to=${field(hour)}`;
}

test('a link with a key signs in, and the key does not stay in the address bar', async () => {
  const { page } = await open();
  expect(page.url()).not.toContain('key');
  await page.reload();
  await totalOf(page); // the tab still knows the key
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key', { exact: true }).waitFor();
  await page.reload();
  await page.getByLabel('API key', { exact: true }).waitFor();
});

test('the page shows the API’s own total to the last digit, and every line that makes it', async () => {
  const { page, complaints } = await open(halfDay());
  const costs = await lab.namespaceCosts(windowOf(page));
  expect(parseMoney(costs.total.total)).toBeGreaterThan(0n);
  expect(exact(await totalOf(page))).toBe(parseMoney(costs.total.total));
  for (const { namespace, cost } of costs.costs) {
    const label = LABELS.get(namespace) ?? namespace;
    const row = page.getByRole('row', { name: new RegExp(`^${label}`) });
    expect(exact(await row.locator('data').first().getAttribute('value')), namespace).toBe(parseMoney(cost.total));
  }
  for (const part of OTHERS) expect(parseMoney(costs.total[part]), part).toBeGreaterThan(0n);
  await page.getByLabel('Total cost').getByText('Load balancers').waitFor();
  expect(complaints).toEqual([]);
});

test('hours nobody reported are named as missing and never shown as zero', async () => {
  const { page } = await open(halfDay());
  const { trends } = await lab.hourlyTrend(windowOf(page));
  const silent = trends.filter((point) => point.coverage === 0);
  expect(silent.length).toBeGreaterThan(0);
  await page.getByText(new RegExp(`${lab.clusterName} lacks .* hours of 12 hours`)).waitFor();
  await page.getByText('Show as a table').click();
  const hours = page.getByRole('region', { name: 'Cost by time' }).getByRole('row');
  await hours.nth(12).waitFor(); // the head and twelve hours
  expect(await hours.filter({ hasText: 'unknown' }).count()).toBe(silent.length);
});

test('the view is in the address: a colleague who opens it sees the same', async () => {
  const { page } = await open();
  await page.getByRole('button', { name: '30 days' }).click();
  await page.getByLabel('Cluster', { exact: true }).selectOption(lab.clusterName);
  await page.getByRole('button', { name: 'Namespace' }).click();
  await page.getByLabel('Search namespaces').fill('shop');
  await page.getByText('1 of 2').waitFor();
  const { search } = new URL(page.url());
  const { page: other } = await open(search);
  await other.getByText('1 of 2').waitFor();
  expect(await other.getByRole('button', { name: '30 days' }).getAttribute('aria-pressed')).toBe('true');
  expect(await other.getByLabel('Cluster', { exact: true }).inputValue()).toBe(lab.clusterName);
  expect(await other.getByRole('columnheader', { name: 'Namespace' }).getAttribute('aria-sort')).toBe('ascending');
});

test('a key the server refuses leads to the sign-in, with the server’s words', async () => {
  const wrong = `${lab.key.split(':')[0]}:wrong`;
  const { page } = await openPage(browser, `${lab.url}/#key=${wrong}`);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const reply = await fetch(`${lab.url}/v1/costs/namespaces`, { headers: { authorization: `Bearer ${wrong}` } });
  const { message }: { message: string } = JSON.parse(await reply.text());
  expect(await alert.textContent()).toBe(message);
  await page.getByLabel('API key', { exact: true }).fill(lab.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await totalOf(page);
});

test('a window without data says that the cost is unknown, and shows no zero', async () => {
  const { page } = await openPage(browser, `${lab.url}/?from=2024-01-01T00:00&to=2024-01-02T00:00#key=${lab.key}`);
  await page.getByText('Nothing was reported in this window').waitFor();
  expect(await page.getByText('$0.00').count()).toBe(0);
});

test.each<PageView & { name: string }>([
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
  { name: 'a phone', width: 390, height: 844 },
])('the page has no accessibility problem and no sideways scroll: $name', async (view) => {
  const { page } = await open(halfDay(), view);
  await page.getByText('Show as a table').click();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await sidewaysOverflow(page)).toBe(0);
  await page.getByText('of hours reported').click();
  await page.getByRole('region', { name: 'Hours reported, by cluster' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test.each(['light', 'dark'] as const)('the sign-in has no accessibility problem: %s', async (colorScheme) => {
  const { page } = await openPage(browser, lab.url, { colorScheme });
  await page.getByLabel('API key', { exact: true }).fill('not a key');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('A key has two parts').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});
