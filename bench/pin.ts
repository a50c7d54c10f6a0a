/** The only right code. */
export const PIN = '123456';
