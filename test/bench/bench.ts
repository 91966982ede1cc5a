/*
 * `npm run bench [-- NAMES…] [--json]`: what Carillon costs, each figure beside a baseline of the same run.
 *
 * Absolute aims hold for a quiet machine; on a busy one the ratios are what can be compared from run to run.
 */
import { parseArgs } from 'node:util';
import { type Bench, type Figure, isMet, ratioOf } from './figure.ts';
import { printTable } from './table.ts';

/** By name, in the order in which they run; each is a file of this folder. */
const BENCHES = [
  'start',
  'front-door',
  'durable',
  'warm-invoke',
  'cold-start',
  'ring',
  'schedules',
  'event-pattern',
  'put-events',
  'messages',
  'queue',
  'template',
  'deploy',
  'million',
  'million-schedules',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});

const unknown = positionals.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench named ${unknown.join(', ')}. There are ${BENCHES.join(', ')}.`);
  process.exit(2);
}

const figures: (Figure & { bench: string })[] = [];
for (const name of positionals.length > 0 ? positionals : BENCHES) {
  if (!values.json) process.stderr.write(`${name} …\n`);
  const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
  for (const figure of await bench.run()) figures.push({ bench: name, ...figure });
}

if (values.json) {
  console.log(JSON.stringify(figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), met: isMet(figure) }))));
} else printTable(figures);
