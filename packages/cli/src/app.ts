/*
 * The app of a simulation: a file that sets things up.
 *
 *   A JavaScript or TypeScript module that exports a function by default is called with the engine and its tools.
 *   Any other is a program: run by Node, Python (.py) or the shell (.sh), with its AWS calls going to the engine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SimulationOptions, Workbench } from '@carillon/engine/simulation';
import { CommandError } from './options.ts';
import { environment, unstartable } from './program.ts';

/** What runs a program, by the end of its file's name. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  '.js': process.execPath,
  '.mjs': process.execPath,
  '.cjs': process.execPath,
  '.ts': process.execPath,
  '.mts': process.execPath,
  '.cts': process.execPath,
  '.py': 'python3',
  '.sh': 'sh',
};

const DEFAULT_EXPORT = /^\s*export\s+(default\b|\{[^}]*\bas\s+default\b)/m;

/** Throws a CommandError when the file is none that can be run; so does the app when it fails. */
export function appOf(file: string, signal: AbortSignal): SimulationOptions['app'] {
  const interpreter = INTERPRETERS[extname(file)];
  if (!interpreter) {
    const kinds = Object.keys(INTERPRETERS).join(', ');
    throw new CommandError(`${file} is no app that Carillon can run. An app is a file that ends in one of ${kinds}.`);
  }
  const text = readApp(file);
  if (interpreter === process.execPath && DEFAULT_EXPORT.test(text)) return (engine) => callDefault(file, engine);
  return ({ endpoint }) => runToEnd(interpreter, file, endpoint, signal);
}

function readApp(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`The app ${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function callDefault(file: string, engine: Workbench): Promise<void> {
  const { default: app } = await import(pathToFileURL(resolve(file)).href);
  if (typeof app !== 'function') throw new CommandError(`${file} exports something else than a function by default.`);
  try {
    await app(engine);
  } catch (error) {
    const { name, code = name, message } = error as Error & { code?: string };
    throw new CommandError(`${file} could not set things up: ${code}: ${message}`);
  }
}

/** What the program prints goes beside the report, to standard error. */
async function runToEnd(interpreter: string, file: string, endpoint: string, signal: AbortSignal): Promise<void> {
  const [input, output] = ['ignore', process.stderr] as const;
  const child = spawn(interpreter, [file], { env: environment(endpoint), stdio: [input, output, output], signal });
  const [code, ending] = await once(child, 'exit').catch((error) => {
    if (signal.aborted) throw error;
    throw unstartable(interpreter, error);
  });
  if (code !== 0) throw new CommandError(`${file} could not set things up: it ended with ${ending ?? code}.`);
}
