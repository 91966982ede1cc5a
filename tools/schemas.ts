/*
 * Takes the runtime schemas out of the SDK's clients, one small module for each service, so that the engine
 * loads shapes in a few milliseconds and no client at all. npm runs this after an install (`prepare`).
 *
 * The clients' schemas are extensionless ES modules, so a bundler has to read them. They also register error
 * classes, which a server has no use for: those imports are answered with stubs.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { type Client, clients } from './clients.ts';

const target = fileURLToPath(new URL('../packages/engine/src/wire/schemas/', import.meta.url));
const require = createRequire(import.meta.url);

const STUB = '\0stub';
const stubs: Plugin = {
  name: 'stubs',
  resolveId: (id) => (id.startsWith('../models/') || id === '@smithy/core/schema' ? STUB : null),
  load: (id) => (id === STUB ? 'export class TypeRegistry { registerError() {} }' : null),
};

async function writeSchemas({ service, client }: Client): Promise<void> {
  const home = dirname(require.resolve(`${client}/package.json`));
  const bundle = await rolldown({
    input: join(home, 'dist-es/schemas/schemas_0.js'),
    plugins: [stubs],
    shimMissingExports: true,
    logLevel: 'silent',
  });
  await bundle.write({ file: join(target, `${service}.js`), format: 'esm', minify: { mangle: false, compress: true } });
  await bundle.close();
}

await Promise.all(clients.map(writeSchemas));
