import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../node_modules/.vite-journeys',
  test: {
    environment: 'node',
    include: ['*.test.ts'],
    globalSetup: ['harness/before.ts'],
    // Each file has a server and a browser of its own, and two of each are what a small machine carries.
    pool: 'forks',
    maxWorkers: 2,
    // A browser on a busy machine may be late once; what is wrong is wrong twice.
    retry: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 15_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
