/* `carillon example`, which is what `npm start` runs: an engine in memory, and a schedule that rings a function. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Engine } from '../engine.ts';
import { type Command, portOf } from '../options.ts';
import { columns, paint } from '../terminal.ts';

const NAME = 'first-bell';
const RATE = 'rate(3 seconds)';
const NEWEST_NODE = 26;

export const example: Command = {
  name: 'example',
  about: 'Runs an engine that keeps nothing, with a schedule that rings a function every few seconds.',
  options: { port: { value: 'PORT', help: 'Port to listen on (4566 if it is free, else any)' } },
  examples: [['carillon example', 'Ctrl-C stops it']],

  async run(values) {
    const wanted = values.port ? portOf(values, 0) : undefined;
    const [{ createNarrator, titleOf }, { watchRings }, { ringHeader }, { stopSignal }] = await Promise.all([
      import('../narrator.ts'),
      import('../rings.ts'),
      import('../ring-line.ts'),
      import('../signals.ts'),
    ]);
    const narrator = createNarrator({ header: true });
    const engine = await openSomewhere(wanted, narrator.warn);
    const stopping = stopSignal();
    const directory = exampleDirectory();
    await deploy(engine, directory);
    console.log(`\n  ${titleOf(engine)}\n\n${introduction(engine, directory).join('\n')}\n\n${ringHeader()}`);
    watchRings(engine.journal, narrator.ring);
    await stopping;
    await engine.close();
    narrator.stopped();
    return 0;
  },
};

async function openSomewhere(port: number | undefined, log: (line: string) => void): Promise<Engine> {
  const { DEFAULT_PORT, openEngine, PortTakenError } = await import('../engine.ts');
  try {
    return await openEngine({ port: port ?? DEFAULT_PORT, extensions: true, log });
  } catch (error) {
    if (port !== undefined || !(error instanceof PortTakenError)) throw error;
    return openEngine({ port: 0, extensions: true, log });
  }
}

/** The function and its rule, by the very calls that a client would make. */
async function deploy(engine: Engine, directory: string): Promise<void> {
  const { createWorkbench } = await import('@carillon/engine/testing');
  const bench = createWorkbench(engine);
  const ring = await bench.createFunction(NAME, pathToFileURL(directory), { Runtime: ownRuntime() });
  await bench.schedule(NAME, RATE, ring);
}

/** The runtime of the Node at hand, or the nearest that Lambda has: of even versions, up to this one. */
function ownRuntime() {
  const major = Math.min(Number.parseInt(process.versions.node, 10), NEWEST_NODE);
  return `nodejs${major - (major % 2)}.x` as 'nodejs24.x';
}

/** The examples lie in the repository, and beside the built program. */
function exampleDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'examples', NAME))) {
    const above = dirname(directory);
    if (above === directory) throw new Error(`The folder examples/${NAME} is missing: install Carillon again.`);
    directory = above;
  }
  return join(directory, 'examples', NAME);
}

function introduction({ endpoint }: Engine, directory: string): string[] {
  const carillon = import.meta.url.endsWith('.ts') ? 'npm run carillon --' : 'carillon';
  const settings = [
    `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1`,
    'export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
  ];
  const steps = [
    [`aws logs tail /aws/lambda/${NAME} --follow`, '# what the function says'],
    [`aws events put-rule --name ${NAME} --schedule-expression 'rate(1 second)'`, '# ring faster'],
    [`python3 -c "import boto3; print(boto3.client('events').list_rules())"`, '# any SDK will do'],
    [`${carillon} start`, '# one that keeps its data'],
  ] as const;
  return [
    `  The schedule ${paint('bold', RATE)} rings the function in ${paint('bold', join(relative('.', directory), 'index.mjs'))}, in a real process.`,
    '  Talk to it from another terminal, and stop it with Ctrl-C:',
    '',
    ...settings.map((setting) => `    ${paint('cyan', setting)}`),
    ...columns(
      steps.map(([step, why]) => [step, paint('dim', why)]),
      (step) => paint('cyan', step),
    ).map((line) => `  ${line}`),
  ];
}
