import { defineConfig } from 'vitest/config'

/** `unit` needs npm packages only; `engines` needs what Debian packages; `long` is for soaks, outside CI. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['src/testing/vitestPostgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: ['**/*.engines.test.ts', '**/*.long.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: { name: 'engines', include: ['**/*.engines.test.ts'], exclude: ['**/node_modules/**'] },
      },
      {
        extends: true,
        test: { name: 'long', include: ['**/*.long.test.ts'], exclude: ['**/node_modules/**'] },
      },
    ],
  },
})
