import type { MouseEvent } from 'react';

/** Whether a click on a link means this page: a new tab, or a download, is the browser's to do. */
export const isPlainClick = ({ metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean =>
  !(metaKey || ctrlKey || shiftKey || altKey);
