import { expect, test } from 'vitest';
import { tidy } from './tidy.ts';

/** What tidy says of a tree, as `path:line rule`. Files without a text of their own begin as they should. */
function offences(tree: Record<string, string>): string[] {
  const files = Object.entries(tree).map(([path, text]) => [path, text.startsWith('/') ? text : `/* x */ ${text}`]);
  return tidy(new Map(files as [string, string][])).map(({ path, line, rule }) => `${path}:${line} ${rule}`);
}

const src = 'packages/engine/src';

test.each([
  ['languages import one another', 'languages/a/x.ts', '../b/y.ts'],
  ['the kernel imports languages', 'kernel/x.ts', '../languages/b/y.ts'],
  ['wire imports the kernel', 'wire/protocols/x.ts', '../../kernel/y.ts'],
  ['a service imports the kernel', 'services/a/x.ts', '../../kernel/y.ts'],
  ['a service imports languages', 'services/a/x.ts', '../../languages/b/y.ts'],
  ['a service imports itself', 'services/a/deep/x.ts', '../y.ts'],
  ['the engine imports anything of its own', 'engine.ts', './services/a/y.ts'],
  ['a simulation imports the engine', 'simulation/sections/x.ts', '../../engine.ts'],
  ['anyone imports packages', 'languages/a/x.ts', 'fast-check'],
])('%s', (_, path, specifier) => {
  expect(offences({ [`${src}/${path}`]: `import '${specifier}';` })).toEqual([]);
});

test.each([
  ['languages', 'languages/a/x.ts', '../../kernel/y.ts'],
  ['the kernel to wire', 'kernel/x.ts', '../wire/y.ts'],
  ['the kernel to a service', 'kernel/x.ts', '../services/a/y.ts'],
  ['the kernel to the engine', 'kernel/x.ts', '../engine.ts'],
  ['wire to a service', 'wire/x.ts', '../services/a/y.ts'],
  ['a service to wire', 'services/a/x.ts', '../../wire/y.ts'],
  ['a service to another', 'services/a/x.ts', '../b/y.ts'],
  ['a service to one whose name begins alike', 'services/a/x.ts', '../ab/y.ts'],
  ['a simulation to a service', 'simulation/x.ts', '../services/a/y.ts'],
  ['a service to a simulation', 'services/a/x.ts', '../../simulation/y.ts'],
  ['the engine to the command', 'engine.ts', '../../cli/src/y.ts'],
  ['the engine to itself by name', 'engine.ts', '@carillon/engine'],
  ['a place without a rule', 'elsewhere/x.ts', '../kernel/y.ts'],
  ['anyone to a test', 'kernel/x.ts', './y.test.ts'],
])('refuses an import of %s', (_, path, specifier) => {
  expect(offences({ [`${src}/${path}`]: `import '${specifier}';` })).toEqual([`${src}/${path}:1 imports`]);
});

test.each([
  'import a from "../b/y.ts";',
  'import type { A } from "../b/y.ts";',
  'import { type A } from "../b/y.ts";',
  'export * from "../b/y.ts";',
  'export { a } from "../b/y.ts";',
  'let a: import("../b/y.ts").A;',
  'let a: typeof import("../b/y.ts");',
  'await import("../b/y.ts");',
  'require("../b/y.ts");',
])('sees the import in: %s', (text) => {
  expect(offences({ [`${src}/services/a/x.ts`]: text })).toEqual([`${src}/services/a/x.ts:1 imports`]);
});

test('strings, comments and templates import nothing', () => {
  const text = '/* import "../b/y.ts" */ const a = `import "../b/y.ts"` + "require(\'../b/y.ts\')";';
  expect(offences({ [`${src}/services/a/x.ts`]: text })).toEqual([]);
});

test('the command imports itself and the engine by its name', () => {
  const path = 'packages/cli/src/x.ts';
  const allowed = ['@carillon/engine', '@carillon/engine/testing', './y.ts', '../package.json', 'node:fs'];
  const refused = ['../../engine/src/engine.ts', '@carillon/constructs', '../../../tools/tidy.ts'];
  expect(offences({ [path]: allowed.map((specifier) => `import '${specifier}';`).join('\n') })).toEqual([]);
  expect(offences({ [path]: refused.map((specifier) => `import '${specifier}';`).join('\n') })).toEqual([
    `${path}:1 imports`,
    `${path}:2 imports`,
    `${path}:3 imports`,
  ]);
});

test('a test may import what it likes', () => {
  expect(offences({ [`${src}/services/a/x.test.ts`]: "import '../../engine.ts';" })).toEqual([]);
});

test('tells the shortest way round a cycle, also one of types alone, once', () => {
  const tree = {
    [`${src}/kernel/a.ts`]: "/* a */\nimport './far.ts';\nimport type { B } from './b.ts';",
    [`${src}/kernel/b.ts`]: "/* b */ export * from './c.ts';",
    [`${src}/kernel/c.ts`]: "/* c */ let a: import('./a.ts').A;",
    [`${src}/kernel/far.ts`]: "/* far */ import './farther.ts';",
    [`${src}/kernel/farther.ts`]: '/* no cycle */ import "./far-off.ts"',
    [`${src}/kernel/outside.ts`]: "/* leads to the cycle */ import './a.ts';",
  };
  const round = ['a', 'b', 'c', 'a'].map((name) => `${src}/kernel/${name}.ts`).join(' -> ');
  expect(tidy(new Map(Object.entries(tree)))).toEqual([
    { path: `${src}/kernel/a.ts`, line: 3, rule: 'cycle', remedy: `break the cycle ${round}` },
  ]);
});

test.each([
  'const a = Date.now();',
  'const a = new Date(0);',
  'const a = Date;',
  'const a = globalThis.Date.now();',
  'class A extends Date {}',
  'setTimeout(a, 1);',
  'const a = { setTimeout };',
  'globalThis.setInterval(a, 1);',
  'const a = setImmediate as unknown;',
  'performance.now();',
  'process.hrtime.bigint();',
  "import { setTimeout as wait } from 'node:timers/promises';",
  "import { performance as p } from 'node:perf_hooks';",
])('time comes from the clock alone: %s', (text) => {
  expect(offences({ [`${src}/services/a/x.ts`]: text })).toEqual([`${src}/services/a/x.ts:1 time`]);
  expect(offences({ 'packages/cli/src/x.ts': text })).toEqual(['packages/cli/src/x.ts:1 time']);
  expect(offences({ [`${src}/kernel/state/x.ts`]: text })).toEqual([`${src}/kernel/state/x.ts:1 time`]);
  expect(offences({ [`${src}/kernel/clock.ts`]: text })).toEqual([]);
});

test.each([
  'Math.random();',
  "import { randomUUID } from 'node:crypto';",
  "import { randomBytes as bytes } from 'crypto';",
  'crypto.getRandomValues(a);',
  'globalThis.crypto.randomUUID();',
])('chance comes from the seeded source alone: %s', (text) => {
  expect(offences({ [`${src}/wire/x.ts`]: text })).toEqual([`${src}/wire/x.ts:1 chance`]);
  expect(offences({ [`${src}/kernel/ids.ts`]: text })).toEqual([]);
});

test.each([
  'let a: Date;',
  'function f(a: Date): Record<string, Date> { return { Date: a }; }',
  'const is = a instanceof Date;',
  'socket.setTimeout(0);',
  'const a = headers.Date;',
  'const a = { setTimeout: 1 };',
  'interface A { setTimeout(): void }',
])('says nothing of what only looks like time: %s', (text) => {
  expect(offences({ [`${src}/services/a/x.ts`]: text })).toEqual([]);
});

test('the bootstraps of runtimes live in a time of their own', () => {
  expect(offences({ 'packages/engine/runtimes/node/x.cjs': 'setTimeout(() => Date.now(), 1);' })).toEqual([]);
});

test.each(['setTimeout(a, 1);', 'await sleep(5);', "import { setTimeout as wait } from 'node:timers/promises';"])(
  'a test does not sleep: %s',
  (text) => {
    expect(offences({ [`${src}/kernel/x.test.ts`]: text })).toEqual([`${src}/kernel/x.test.ts:1 sleep`]);
    expect(offences({ 'test/conformance/x.ts': text })).toEqual(['test/conformance/x.ts:1 sleep']);
    expect(offences({ 'test/bench/timers.ts': text })).toEqual([]);
  },
);

test('a test may use dates, and the handlers in its strings may wait', () => {
  const text = 'const day = new Date(0); const code = "setTimeout(done, 5)";';
  expect(offences({ [`${src}/kernel/x.test.ts`]: text })).toEqual([]);
});

test('a name says what a file holds', () => {
  expect(offences({ [`${src}/kernel/utils.ts`]: '', [`${src}/helpers/x.ts`]: '', 'tools/util.test.ts': '' })).toEqual([
    `${src}/helpers/x.ts:1 name`,
    `${src}/kernel/utils.ts:1 name`,
    'tools/util.test.ts:1 name',
  ]);
});

test('a file begins by saying what it is', () => {
  const files = {
    'tools/a.ts': 'let a = 1; /* late */',
    'tools/b.ts': '// a line',
    'tools/c.ts': '',
    'tools/d.ts': '/** what it is */',
    'packages/cli/src/e.ts': '#!/usr/bin/env node\n/* what it is */',
    'tools/f.test.ts': 'let a = 1;',
  };
  const found = tidy(new Map(Object.entries(files))).map(({ path, rule }) => `${path} ${rule}`);
  expect(found).toEqual(['tools/a.ts introduction', 'tools/b.ts introduction', 'tools/c.ts introduction']);
});

test('nothing is left for later', () => {
  const word = ['TO', 'DO'].join('');
  const text = `/* x */\nconst a = '${word}';\n// ${word}: more`;
  expect(offences({ 'tools/a.ts': text })).toEqual(['tools/a.ts:3 unfinished']);
});

test('a file that does not parse is named', () => {
  expect(() => tidy(new Map([['tools/a.ts', 'const = ;']]))).toThrow('tools/a.ts');
});
