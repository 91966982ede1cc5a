/*
 * Builds what is published: each package's entry points, bundled with all that they use, so that a package
 * depends on nothing but another of ours; the declarations of the engine's types; and the notices that the
 * licences of what is bundled ask for.
 *
 * The engine's bundle keeps its layout flat, since it finds some of its files beside itself (by `import.meta.url`):
 * the thread of the SQLite backend, and each service's shapes, which are loaded when the service is first called.
 */
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { clients } from './clients.ts';
import { writeDeclarations } from './declarations.ts';
import { notices, packageOf } from './notices.ts';

interface Product {
  /** Its folder in `packages/`. */
  readonly folder: string;
  /** Modules that can be imported or run, by the name that they have in `dist/`. */
  readonly entries: Readonly<Record<string, string>>;
  /** The modules whose types are published. */
  readonly declared: readonly string[];
  /** Files and folders that are published as they are, by their names in `dist/`. */
  readonly copies: Readonly<Record<string, string>>;
  /** The entry that is a command. */
  readonly command?: string;
  /** Packages that stand in what is copied or declared. */
  readonly credits: readonly string[];
}

const products: readonly Product[] = [
  {
    folder: 'engine',
    entries: {
      engine: 'src/engine.ts',
      testing: 'src/testing.ts',
      simulation: 'src/simulation/simulate.ts',
      languages: 'src/languages/index.ts',
      'sqlite-worker': 'src/kernel/state/sqlite-worker.ts',
    },
    declared: ['engine.ts', 'testing.ts', 'simulation/simulate.ts', 'languages/index.ts'],
    copies: { schemas: 'src/wire/schemas', models: 'src/wire/models' },
    credits: clients.map(({ client }) => client),
  },
  {
    folder: 'cli',
    entries: { carillon: 'src/carillon.ts' },
    declared: [],
    copies: { 'examples/first-bell': '../../examples/first-bell' },
    command: 'carillon',
    credits: [],
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));

async function build({ folder, entries, declared, copies, command, credits }: Product): Promise<void> {
  const home = join(root, 'packages', folder);
  const dist = join(home, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(home, path)])),
    platform: 'node',
    external: [/^node:/, /^@carillon\//],
    transform: { target: 'node22.18' },
  });
  const { output } = await bundle.write({ dir: dist, format: 'esm', chunkFileNames: '[name].js' });
  await bundle.close();
  for (const [name, path] of Object.entries({ ...copies, LICENSE: '../../LICENSE' })) {
    cpSync(join(home, path), join(dist, name), { recursive: true });
  }
  if (command !== undefined) chmodSync(join(dist, `${command}.js`), 0o755);
  if (declared.length > 0) await writeDeclarations(declared, dist);
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  const bundled = [
    ...modules.flatMap((id) => packageOf(id) ?? []),
    ...credits.map((name) => join(root, 'node_modules', name)),
  ];
  if (bundled.length > 0) writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), notices(bundled));
  const bytes = output.reduce((sum, chunk) => sum + (chunk.type === 'chunk' ? Buffer.byteLength(chunk.code) : 0), 0);
  console.log(`packages/${folder}/dist  ${output.length} modules, ${Math.round(bytes / 1000)} kB`);
}

for (const product of products) await build(product);
