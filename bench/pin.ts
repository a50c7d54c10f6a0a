/** The only correct code. */
export const PIN = '123456';
