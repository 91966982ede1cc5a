/* What the engine makes of SAM templates, beside what AWS's own translator makes of them: one process for all. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject } from 'vitest';
import { expandSam } from '../../../packages/engine/src/languages/sam/index.ts';
import { readDocument } from '../../../packages/engine/src/languages/template/index.ts';
import { testWithPython } from '../clients.ts';
import { COMBINATIONS } from './combinations.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const INPUTS = { parameters: {}, region: 'eu-central-1', partition: 'aws' };

/** Templates, each after a line of `---` and begun by its name. */
const WRITTEN = readdirSync(path('cases')).flatMap((file) =>
  readFileSync(path(`cases/${file}`), 'utf8')
    .split(/^---$/m)
    .map((source) => ({ file, name: /^# (.*)/m.exec(source)![1]!, document: readDocument(source) })),
);

const CASES = [...WRITTEN, ...COMBINATIONS];

type Expanded = { template: object } | { message: string; faults: string[] };

const expected = new Map<string, Expanded>();

beforeAll(async () => {
  const clients = inject('pythonClients');
  if (!clients) return;
  const env = { PATH: process.env.PATH, PYTHONPATH: clients.sam, AWS_DEFAULT_REGION: INPUTS.region };
  const python = spawn(clients.python, [path('translate.py')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.end(JSON.stringify(CASES.map(({ document }) => document)));
  const answers: Expanded[] = JSON.parse(await text(python.stdout));
  for (const [index, { name }] of CASES.entries()) expected.set(name, answers[index]!);
}, 60_000);

describe.each(CASES)('$file: $name', ({ name, document }) => {
  testWithPython("is expanded as by AWS's translator", () => {
    const theirs = expected.get(name)!;
    if ('template' in theirs) expect(settled(expandSam(document, INPUTS))).toEqual(settled(theirs.template));
    else expect(faultsOf(() => expandSam(document, INPUTS))).toBe(`${theirs.message} ${theirs.faults.join(' ')}`);
  });
});

function faultsOf(expand: () => unknown): string {
  try {
    return JSON.stringify(expand());
  } catch (error) {
    return (error as Error).message.replace('Transform AWS::Serverless-2016-10-31 failed with: ', '');
  }
}

/**
 * Without the digits of deployments of REST APIs, which AWS takes from the order in which Python 2 keeps a map, and
 * without the order of what a resource depends on, which is that of a set.
 */
function settled(template: object): unknown {
  const sorted = (name: string, value: unknown) =>
    name === 'DependsOn' && Array.isArray(value) ? value.toSorted() : value;
  return JSON.parse(
    JSON.stringify(template, sorted)
      .replace(/(Deployment)[0-9a-f]{10}"/g, '$1"')
      .replace(/(RestApi deployment id: )[0-9a-f]{40}/g, '$1'),
  );
}
