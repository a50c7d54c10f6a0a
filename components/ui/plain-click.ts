import type { MouseEvent } from 'react';

/** Whether a click on a link stays in this tab. The browser handles new tabs and downloads. */
export const isPlainClick = ({ metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean =>
  !(metaKey || ctrlKey || shiftKey || altKey);
