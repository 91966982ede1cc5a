/* Tests sit beside the code (unit) and in `test/` (over the wire); both run the real engine. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    globalSetup: ['test/conformance/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
