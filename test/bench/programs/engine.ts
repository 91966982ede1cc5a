/*
 * An engine by itself, as `carillon start` runs one; it tells where it listens. Options: EngineOptions, and the
 * functions that it is to have.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';
import type { FunctionWish } from '../functions.ts';

const { functions, ...options } = JSON.parse(process.argv[2] ?? '{}') as EngineOptions & {
  functions?: FunctionWish[];
};

const engine = await createEngine(options);
process.once('SIGTERM', () => engine.close().then(() => process.exit()));
if (functions) await (await import('../functions.ts')).createFunctions(engine, functions);
process.send?.({ endpoint: engine.endpoint });
