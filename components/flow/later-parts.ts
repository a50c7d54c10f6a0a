/** What our own page loads on the first interaction, in one part of the script. */
export { LaterScreen as Screen } from './later-screen';
export * from './requests';
