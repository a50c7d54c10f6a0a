/** Modules that take half a second to load and that nearly every test needs. Each worker of Jest loads them once. */
export { startSimulator } from '@/simulator/simulator';
export { expectDocumented, expectDocumentedEvent } from './documented';
