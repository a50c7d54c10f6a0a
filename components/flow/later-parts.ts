/** What our own page loads with the first touch, in one part of the script. */
export { LaterScreen as Screen } from './later-screen';
export * from './requests';
