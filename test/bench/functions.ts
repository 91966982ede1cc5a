/* The functions that benches ring: all answer with their event. */
import type { Engine } from '@carillon/engine';
import { ZipFile } from 'yazl';

export interface FunctionWish {
  name: string;
  runtime: string;
}

const SOURCES: Readonly<Record<string, string>> = {
  'index.mjs': 'export const handler = async (event) => event;\n',
  'index.py': 'def handler(event, context):\n    return event\n',
};

export async function createFunctions(engine: Engine, wishes: readonly FunctionWish[]): Promise<void> {
  const code = await zip(SOURCES);
  for (const { name, runtime } of wishes) {
    await engine.call('lambda', 'CreateFunction', {
      FunctionName: name,
      Runtime: runtime as 'nodejs22.x',
      Role: 'arn:aws:iam::000000000000:role/bench',
      Handler: 'index.handler',
      Code: { ZipFile: code },
    });
  }
}

async function zip(files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  const archive = new ZipFile();
  for (const [name, text] of Object.entries(files)) archive.addBuffer(Buffer.from(text), name);
  archive.end();
  const parts: Buffer[] = [];
  for await (const part of archive.outputStream) parts.push(part as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}
