/*
 * An engine by itself, as `carillon start` runs one; it tells where it listens. Options: EngineOptions, and the
 * functions that it is to have, which all answer with their event.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';
import { ZipFile } from 'yazl';

export interface FunctionWish {
  name: string;
  runtime: string;
}

const { functions = [], ...options } = JSON.parse(process.argv[2] ?? '{}') as EngineOptions & {
  functions?: FunctionWish[];
};

const SOURCES: Readonly<Record<string, string>> = {
  'index.mjs': 'export const handler = async (event) => event;\n',
  'index.py': 'def handler(event, context):\n    return event\n',
};

const engine = await createEngine(options);
process.once('SIGTERM', () => engine.close().then(() => process.exit()));

const code = await zip(SOURCES);
for (const { name, runtime } of functions) {
  await engine.call('lambda', 'CreateFunction', {
    FunctionName: name,
    Runtime: runtime as 'nodejs22.x',
    Role: 'arn:aws:iam::000000000000:role/bench',
    Handler: 'index.handler',
    Code: { ZipFile: code as Uint8Array<ArrayBuffer> },
  });
}
process.send?.({ endpoint: engine.endpoint });

async function zip(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const archive = new ZipFile();
  for (const [name, text] of Object.entries(files)) archive.addBuffer(Buffer.from(text), name);
  archive.end();
  const parts: Buffer[] = [];
  for await (const part of archive.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
