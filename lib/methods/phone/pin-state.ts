import { z } from 'zod';

/** What a verification by phone keeps of its PIN. */
export interface PinState {
  /** The message template that the PIN was made from. */
  readonly messageId: string;
  /** Infobip's id of the PIN. */
  readonly infobipPinId: string;
}

const state = z.tuple([z.string(), z.string()]);

export const writePinState = ({ messageId, infobipPinId }: PinState): string =>
  JSON.stringify([messageId, infobipPinId]);

export function readPinState(methodState: string): PinState {
  const [messageId, infobipPinId] = state.parse(JSON.parse(methodState));
  return { messageId, infobipPinId };
}
