import type { Page } from '@playwright/test';

/** A small phone, a laptop's window, and the narrowest width, which may scroll. */
export const WINDOWS = [
  { width: 375, height: 667 },
  { width: 1280, height: 720 },
  { width: 320, height: 800, scrolls: true },
];

/** The widest allowed gap on the card, in pixels. A wider gap looks like a hole. */
export const WIDEST_GAP = 48;

/** Makes the page give up the room that an earlier language or width needed. */
export const giveUpRoom = (page: Page) =>
  page.evaluate(() => {
    for (const room of document.querySelectorAll<HTMLElement>('main [style]')) room.style.minHeight = '';
  });

/**
 * Measures in pixels where the card ends, where the last control above its footer ends, the widest gap between texts
 * and controls, and by how much the page is too wide.
 */
export const cardOf = (page: Page) =>
  page.evaluate(() => {
    const card = document.querySelector('main > div');
    if (!card) throw new Error('There is no card.');
    const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
    const ranges: Range[] = [];
    while (texts.nextNode()) {
      const range = document.createRange();
      range.selectNode(texts.currentNode);
      if (!texts.currentNode.parentElement?.closest('.visually-hidden')) ranges.push(range);
    }
    const rows = [...ranges, ...card.querySelectorAll('input, select, button, svg')]
      .flatMap((seen) => [...seen.getClientRects()])
      .filter(({ height }) => height > 1)
      .sort((one, other) => one.top - other.top);
    let widest = 0;
    let end = rows[0]?.bottom ?? 0;
    for (const { top, bottom } of rows) {
      widest = Math.max(widest, top - end);
      end = Math.max(end, bottom);
    }
    const controls = [...card.querySelectorAll(':is(a, input, select, button):not(footer *)')];
    return {
      bottom: card.getBoundingClientRect().bottom,
      controlsEnd: Math.max(0, ...controls.map((control) => control.getBoundingClientRect().bottom)),
      widestGap: widest,
      tooWide: document.documentElement.scrollWidth - innerWidth,
    };
  });
