/* Tests sit beside the code (unit), in `test/` (over the wire) and in the examples; all run the real engine. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: ['test/conformance/setup.ts'],
    // Many tests wait for processes of their own: every core is put to use, and the time limits allow for it.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
