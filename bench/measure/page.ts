import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { startContender } from '@/bench/contenders';
import { type Spread, spreadOf } from '@/bench/report/statistics';
import type { Workplace } from '@/bench/workplace';
import { chromiumPath } from '@/e2e/chromium';
import { optionsOf } from './sockets';

/** Bytes in gzip before the first interaction, and milliseconds on the throttled profile. */
export interface PageFigures {
  readonly script: number;
  readonly style: number;
  readonly html: number;
  readonly firstPaintMs: Spread;
  readonly interactiveMs: Spread;
}

/** Lighthouse's slow 4G, 150 ms and 1.6 Mbit/s, with the factors that it applies for throttling by DevTools. */
const SLOW_4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1474.56 * 1024) / 8,
  uploadThroughput: (675 * 1024) / 8,
};
const CPU_SLOWDOWN = 4;
const PHONE = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true };
/** The page is quiet after this long without a long task. */
const QUIET_MS = 2000;

const KINDS: Readonly<Record<string, 'script' | 'style' | 'html'>> = {
  script: 'script',
  stylesheet: 'style',
  document: 'html',
};

async function weigh(context: BrowserContext, url: string): Promise<Pick<PageFigures, 'script' | 'style' | 'html'>> {
  const page = await context.newPage();
  const sizes = { script: 0, style: 0, html: 0 };
  const weighing: Promise<void>[] = [];
  page.on('response', (response) => {
    const kind = KINDS[response.request().resourceType()];
    if (!kind) return;
    const add = response.body().then((body) => {
      sizes[kind] += gzipSync(body, { level: 9 }).length;
    });
    weighing.push(add);
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await Promise.all(weighing);
  await page.close();
  return sizes;
}

/** Runs in the page: records long tasks. */
function watchTasks(): void {
  const times = window as unknown as { longTaskEnd: number };
  times.longTaskEnd = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) times.longTaskEnd = startTime + duration;
  }).observe({ type: 'longtask', buffered: true });
}

/** Runs in the page: tells whether React has hydrated the server's HTML. */
function isHydrated(): boolean {
  const all = [...document.querySelectorAll('main, main *, #__next *')];
  return all.some((element) => Object.keys(element).some((key) => key.startsWith('__reactProps$')));
}

/** Runs in the page once it is quiet. */
function timesOf(hydratedAt: number): { firstPaintMs: number; interactiveMs: number } {
  const { longTaskEnd } = window as unknown as { longTaskEnd: number };
  const firstPaintMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
  return { firstPaintMs, interactiveMs: Math.max(firstPaintMs, longTaskEnd, hydratedAt) };
}

async function throttle(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW_4G);
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
}

async function timeOnce(browser: Browser, url: string) {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  await throttle(page);
  await page.addInitScript(watchTasks);
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(isHydrated, undefined, { polling: 'raf' });
  const hydratedAt = await page.evaluate(() => performance.now());
  await page.waitForTimeout(QUIET_MS);
  const times = await page.evaluate(timesOf, hydratedAt);
  await context.close();
  return times;
}

/** @returns undefined if there is no Chromium */
export async function measurePage(
  place: Workplace,
  rounds: number,
): Promise<Record<'empty' | 'app', PageFigures> | undefined> {
  if (!chromiumPath) return undefined;
  const [empty, app] = [
    await startContender('empty', optionsOf(place)),
    await startContender('memory', optionsOf(place)),
  ];
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const urls = { empty: empty.url, app: app.url };
  const names = ['empty', 'app'] as const;
  try {
    const times = {
      empty: [] as Awaited<ReturnType<typeof timeOnce>>[],
      app: [] as Awaited<ReturnType<typeof timeOnce>>[],
    };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) times[name].push(await timeOnce(browser, urls[name]));
    }
    const context = await browser.newContext(PHONE);
    const figures = async (name: (typeof names)[number]): Promise<PageFigures> => ({
      ...(await weigh(context, urls[name])),
      firstPaintMs: spreadOf(times[name].map(({ firstPaintMs }) => firstPaintMs)),
      interactiveMs: spreadOf(times[name].map(({ interactiveMs }) => interactiveMs)),
    });
    return { empty: await figures('empty'), app: await figures('app') };
  } finally {
    await browser.close();
    await Promise.all([empty.end(), app.end()]);
  }
}
