/*
 * npm's lambda-warmer, unmodified: a function that calls itself until as many sandboxes are warm as it was told.
 * https://github.com/jeremydaly/lambda-warmer. The SDK that it calls with goes with it, in one file.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createTestEngine } from '@carillon/engine/testing';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

async function bundled(name: string): Promise<string> {
  const bundle = await rolldown({ input: require.resolve(name), platform: 'node', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

it('lambda-warmer keeps three sandboxes warm, with one request in each', async () => {
  await using engine = await createTestEngine({ log: () => {} });
  const source = (file: string) => readFileSync(require.resolve(`lambda-warmer/${file}`), 'utf8');
  const bell = await engine.createFunction(
    'bell',
    {
      'index.js': `
        const warmer = require('lambda-warmer');
        exports.handler = async (event, context) => (await warmer(event, {}, context)) ? 'warmed' : 'rang';
      `,
      'node_modules/lambda-warmer/index.js': source('index.js'),
      'node_modules/lambda-warmer/lib/lambda-service.js': source('lib/lambda-service.js'),
      'node_modules/@aws-sdk/client-lambda/index.js': await bundled('@aws-sdk/client-lambda'),
    },
    { Runtime: 'nodejs22.x', Timeout: 60, MemorySize: 512 },
  );
  for (const cold of [true, false]) {
    const before = engine.rings(bell).length;
    const warmed = bell.invoke({ warmer: true, concurrency: 3 });
    await engine.clock.advance('1 second');
    expect(await warmed).toBe('warmed');
    const rings = engine.rings(bell).slice(before);
    expect(rings.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    expect(rings.map((ring) => ring.cold)).toEqual([cold, cold, cold]);
    expect(new Set(rings.map(({ requestId }) => requestId)).size).toBe(3);
  }
  expect(await bell.invoke({})).toBe('rang');
  const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName: '/aws/lambda/bell' });
  const streams = new Set(events!.map(({ logStreamName }) => logStreamName));
  expect(streams.size).toBe(3);
});
