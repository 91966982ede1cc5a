#!/usr/bin/env node
/*
 * The `carillon` command: makes sure that Node is new enough, in words that an old one understands, and goes on.
 */
const OLDEST_NODE = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`Carillon needs Node.js ${OLDEST_NODE.join('.')} or later; this one is ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  // Compiled code is kept from one start to the next: that more than halves the time a start takes.
  import('node:module')
    .then(({ enableCompileCache }) => enableCompileCache())
    .then(() => import('./main.ts'))
    .then(({ main }) => main(process.argv.slice(2)));
}
