/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os';
import type { Config } from 'jest';
import nextJest from 'next/jest.js';

const createJestConfig = nextJest({ dir: './' });

const config: Config = {
  testEnvironment: '<rootDir>/__tests__/support/environment.cjs',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts?(x)'],
  // The build contains a copy of package.json, and the benchmark's contenders have packages of their own.
  modulePathIgnorePatterns: ['<rootDir>/.next/', '<rootDir>/bench/contenders/'],
  moduleNameMapper: {
    '^@/(.*)$': '<rootDir>/$1',
    // Names the file, because the package exports it only to ES modules.
    '^libphonenumber-js/core/es6$': '<rootDir>/node_modules/libphonenumber-js/core/es6/index.js',
  },
  globalSetup: '<rootDir>/__tests__/support/build-app.ts',
  setupFilesAfterEnv: ['<rootDir>/__tests__/support/fail-on-console.ts'],
  // Enough even on a busy machine.
  testTimeout: 60_000,
  // Tests mostly wait for servers and for time to pass, so one worker more than there are cores keeps the cores busy.
  maxWorkers: availableParallelism() + 1,
};

/** Packages and folders that have only ES modules, mostly dependencies of msw: Jest has to transform them. */
const ES_MODULES = [
  'jose',
  'libphonenumber-js/core/es6',
  'libphonenumber-js/es6-modern',
  'rettime',
  'until-async',
  '@open-draft/deferred-promise',
];

export default async (): Promise<Config> => ({
  ...(await createJestConfig(config)()),
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES.join('|')})/)`, '^.+\\.module\\.(css|sass|scss)$'],
});
