import { defineConfig } from 'vitest/config';

/** `npm test` runs `fast`. The others run by name: `npx vitest run --project slow`, and `deploy` against an emulator. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/slow/**', 'test/deploy/**'] },
      },
      {
        extends: true,
        // Faults with the times of real life mostly wait.
        test: { name: 'slow', include: ['test/slow/**/*.test.ts'], testTimeout: 180_000, maxConcurrency: 16 },
      },
      {
        extends: true,
        test: { name: 'deploy', include: ['test/deploy/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 300_000 },
      },
    ],
  },
});
