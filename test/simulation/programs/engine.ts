/*
 * An engine in a process of its own, for tests that kill it: keeps its data in the directory given, in real time,
 * and writes its endpoint on a line of its own once it is up.
 */
import { createEngine } from '@carillon/engine';

const [data] = process.argv.slice(2);
const engine = await createEngine({ data: data!, extensions: true });
process.stdout.write(`${engine.endpoint}\n`);
