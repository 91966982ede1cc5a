/*
 * `carillon run -- CMD`: runs a command whose AWS calls go to Carillon: to the one that is up, else to one of its own
 * that lasts as long as the command.
 */
import type { Engine } from '../engine.ts';
import { type Command, portOf, textOf, UsageError, type Values } from '../options.ts';
import { environment, runProgram } from '../program.ts';
import { findEngine } from '../running.ts';
import { remark } from '../terminal.ts';

export const run: Command = {
  name: 'run',
  about:
    'Runs a command whose AWS calls go to Carillon. Where none is up, the command gets one of its own, which keeps nothing.',
  operands: '[--] CMD [ARGS…]',
  passesOn: true,
  options: {
    port: { value: 'PORT', help: 'Port of the engine that is up (that of AWS_ENDPOINT_URL, else 4566)' },
    data: { value: 'DIR', help: 'Have an engine of its own, kept in this directory' },
    clock: { value: 'CLOCK', help: 'Have an engine of its own, with this clock: real, virtual or virtual:TIME' },
    extensions: { help: 'Have an engine of its own that allows what goes beyond AWS' },
  },
  examples: [
    ['carillon run -- aws events list-rules', 'one call'],
    ['carillon run -- npm test', 'tests, with an engine that goes when they end'],
    ['carillon run --data ./state -- ./seed.sh', 'what the script does is kept'],
  ],

  async run(values, [command, ...args]) {
    if (command === undefined) throw new UsageError('Which command? Write it after --: carillon run -- npm test.');
    const running = ownEngineWanted(values) ? undefined : await findEngine(values);
    const own = running === undefined ? await openOwn(values) : undefined;
    try {
      return await runProgram(command, args, environment(running ?? own!.endpoint));
    } finally {
      await own?.close();
    }
  },
};

function ownEngineWanted({ data, clock, extensions }: Values): boolean {
  return data !== undefined || clock !== undefined || extensions !== undefined;
}

async function openOwn(values: Values): Promise<Engine> {
  const [{ openEngine }, { sharedOptions }] = await Promise.all([import('../engine.ts'), import('./start.ts')]);
  const data = textOf(values, 'data');
  const engine = await openEngine({
    ...sharedOptions(values),
    port: ownEngineWanted(values) ? portOf(values, 0) : 0,
    ...(data !== undefined && { data }),
    log: remark,
  });
  remark(
    `This command has a Carillon of its own at ${engine.endpoint}, ${data ? `kept in ${data}` : 'which keeps nothing'}.`,
  );
  return engine;
}
