import { defineConfig } from 'vitest/config';

/**
 * Two projects, one after the other. `fast` runs files side by side; `whole` starts real processes, servers and a
 * browser, so its files take turns: two of them at once on a two-core machine would only measure each other.
 * They run what `test/support/compile.ts` has made of the sources.
 */
const WHOLE = ['test/stories/**/*.test.ts', 'test/demo/**/*.test.ts', 'test/cli/**/*.test.ts'];

const shared = {
  environment: 'node',
  pool: 'forks',
  // Loading all modules anew for every file took most of the time of the fast ones. Nothing here replaces a module, and
  // what a test changes outside its own objects vitest puts back.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  restoreMocks: true,
  unstubEnvs: true,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: WHOLE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          include: WHOLE,
          testTimeout: 60_000,
          globalSetup: 'test/support/compile.ts',
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
