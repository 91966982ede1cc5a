/*
 * Writes the types that are published with the engine: the declarations that its entry points reach, and the
 * shapes of AWS's APIs that type `call`.
 *
 * In this repository those shapes come from the SDK's clients. Someone who installs the engine should have them
 * without fifteen clients, so the clients' own declarations of shapes, which depend on nothing, are published
 * beside the engine's, each with an index that pairs the operations with their inputs and outputs.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, type Shape } from '../packages/engine/src/wire/model.ts';
import { readSource } from './source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = 'packages/engine/src';

/** Writes the declarations of entry points (`engine.ts`), and all that they reach, to a directory. */
export async function writeDeclarations(entries: readonly string[], dist: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'declarations-'));
  try {
    compile(scratch);
    const read = (path: string) => readFileSync(join(scratch, source, path), 'utf8');
    const services = clientsOf(read('services.d.ts'));
    for (const [path, text] of reach(entries.map(declarationOf), read)) {
      const typed = path === 'kernel/service.d.ts' ? typeClients(text, services) : text;
      write(join(dist, path), typed.replace(/(['"]\.[^'"\n]*)\.ts(['"])/g, '$1.js$2'));
    }
    for (const [service, client] of services) await writeClient(service, client, join(dist, 'clients', service));
    write(join(dist, 'clients/operation.d.ts'), OPERATION);
    write(join(dist, 'clients/streaming.d.ts'), STREAMING);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function compile(directory: string): void {
  const options = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--noCheck',
    '--rootDir',
    root,
    '--outDir',
    directory,
  ];
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', root, ...options], { stdio: 'inherit' });
}

const declarationOf = (path: string) => path.replace(/\.ts$/, '.d.ts');

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Declarations by path, from the entries on. They may name no package but Node itself. */
function reach(entries: readonly string[], read: (path: string) => string): Map<string, string> {
  const reached = new Map<string, string>();
  const queue = [...entries];
  for (const path of queue) {
    if (reached.has(path)) continue;
    const text = read(path);
    reached.set(path, text);
    for (const { specifier } of readSource(path, text).imports) {
      if (specifier.startsWith('.')) queue.push(declarationOf(posix.join(posix.dirname(path), specifier)));
      else if (!specifier.startsWith('node:')) throw new Error(`The types of ${path} reach ${specifier}.`);
    }
  }
  return reached;
}

/** The SDK's client of each service, by the list of services. */
function clientsOf(declaration: string): [service: string, client: string][] {
  return [...declaration.matchAll(/(\w+): typeof import\('(@aws-sdk\/[^']+)'\)/g)].map(([, service, client]) => [
    service!,
    client!,
  ]);
}

/** Fills in the kernel's interface as the list of services does, with the published shapes. */
function typeClients(declaration: string, services: readonly [string, string][]): string {
  const members = services.map(([service]) => `  ${service}: import('../clients/${service}/index.js').Client;\n`);
  const typed = declaration.replace(/(interface Clients \{)\s*\}/, `$1\n${members.join('')}}`);
  if (typed === declaration) throw new Error('kernel/service.ts has no empty interface Clients to fill in.');
  return typed;
}

const OPERATION = `/** An operation in the form that the types of \`call\` read: a command of the AWS SDK's. */
export type Operation<Input, Output> = new (input: Input) => {
  input: Input;
  resolveMiddleware(...rest: never[]): (...rest: never[]) => Promise<{ output: Output }>;
};
`;

const STREAMING = `export type StreamingBlobTypes = import('node:stream').Readable | ReadableStream | Blob;
`;

async function writeClient(service: string, client: string, directory: string): Promise<void> {
  const models = join(root, 'node_modules', client, 'dist-types/models');
  const files = readdirSync(models).filter((file) => /^(models_\d+|enums)\.d\.ts$/.test(file));
  const homes = new Map<string, string>();
  const errors = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(models, file), 'utf8');
    const module = file.replace('.d.ts', '.js');
    for (const [, name] of text.matchAll(/^export (?:interface|type) (\w+)/gm)) homes.set(name!, module);
    for (const { specifier, names } of readSource(file, text).imports) {
      if (specifier === './errors') for (const name of names) errors.add(name);
    }
    write(join(directory, file), atHome(text, relative(root, models)));
  }
  const stubs = [...errors].map((name) => `export type ${name} = Error & { name: '${name}' };\n`);
  if (stubs.length > 0) write(join(directory, 'errors.d.ts'), stubs.join(''));
  write(join(directory, 'index.d.ts'), await indexOf(service, homes));
}

/** A client's declarations of shapes, with what they import where it stands here. */
function atHome(text: string, origin: string): string {
  return text
    .replace(/(from ['"])@smithy\/types(['"])/g, '$1../streaming.js$2')
    .replace(/(from ['"]\.\/\w+)(['"])/g, '$1.js$2')
    .replace(/^/, `/* From ${origin.replace('node_modules/', '')}. */\n`);
}

async function indexOf(service: string, homes: ReadonlyMap<string, string>): Promise<string> {
  const { operations } = await loadModel(service);
  const typeOf = ({ name }: Shape) => (homes.has(name) ? `import('./${homes.get(name)}').${name}` : '{}');
  const members = [...operations.values()].map(
    ({ name, input, output }) => `  ${name}Command: Operation<${typeOf(input)}, ${typeOf(output)}>;\n`,
  );
  return `import type { Operation } from '../operation.js';\n\nexport interface Client {\n${members.join('')}}\n`;
}
