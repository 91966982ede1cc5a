/* `carillon simulate APP --for 30d`: what an app does in a span of time, told as a report. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Assumption, Report, SimulationInput, SimulationOptions } from '@carillon/engine/simulation';
import { appOf } from '../app.ts';
import { type Command, CommandError, textOf, textsOf, UsageError, type Values } from '../options.ts';
import { createJourneyWords, createProgressLine } from '../progress.ts';
import { exitCodeOf, stopSignal } from '../signals.ts';
import { remark } from '../terminal.ts';
import { WEATHER, weatherOptions } from '../weather.ts';

export const simulate: Command = {
  name: 'simulate',
  about: `Sets an app up in an engine of its own, lets time pass in a moment, and reports what happened: runs, cold starts,
lateness, failures, what stood out, and what it would cost on AWS.

APP is a file. A module that exports a function by default is called with the engine (engine.createFunction, .schedule,
.call); any other .js, .ts, .py or .sh file is run as a program, with its AWS calls going to the engine.`,
  operands: 'APP',
  options: {
    for: { value: 'DURATION', help: 'How long: 30d, 12 hours, 3d12h' },
    from: { value: 'TIME', help: 'When it begins: 2026-01-01T00:00:00Z (today, 00:00 UTC)' },
    inputs: { value: 'FILE', help: 'What happens from outside, as JSON lines: {"at": "+3h", "invoke": "FUNCTION"}' },
    ...WEATHER,
    assume: {
      value: 'ASSUMPTION',
      multiple: true,
      help: 'Bill a function as if: ring=100ms, ring=100ms/2048MB, *=50ms',
    },
    'free-tier': { help: 'Take off the bill what the free tier covers' },
    extensions: { help: 'Allow what goes beyond AWS, such as rate(10 seconds)' },
    json: { help: 'Print the report as JSON' },
    html: { value: 'FILE', help: 'Write the report as a page, too' },
  },
  examples: [
    ['carillon simulate deploy.py --for 30d', 'a month of what the script sets up'],
    ['carillon simulate app.mjs --for 3d12h --profile aws-2016', 'with the delays that AWS had in 2016'],
    ['carillon simulate app.mjs --for 30d --assume hello=100ms/2048MB', 'a bill for runs of 100 ms'],
    ['carillon simulate app.mjs --for 1d --inputs requests.jsonl --html report.html', 'with requests, as a page'],
  ],

  async run(values, operands) {
    const [file, ...others] = operands;
    if (file === undefined) throw new UsageError('Which app? carillon simulate APP --for 30d.');
    if (others.length > 0) throw new UsageError(`One app at a time: ${file}, or ${others[0]}?`);
    const duration = textOf(values, 'for');
    if (duration === undefined) throw new UsageError('How long? Give it as --for 30d.');
    const controller = new AbortController();
    const app = appOf(file, controller.signal);
    const { parseInputs, simulate } = await import('@carillon/engine/simulation');
    let stopped: NodeJS.Signals | undefined;
    void stopSignal().then((signal) => {
      stopped = signal;
      controller.abort();
    });
    const { show, clear } = await progressLine();
    try {
      const options = { ...optionsOf(values, parseInputs), app, duration, signal: controller.signal, onProgress: show };
      const report = await simulate(options).finally(clear);
      await tell(report, values);
    } catch (error) {
      if (stopped === undefined) throw explained(error);
    }
    return stopped === undefined ? 0 : exitCodeOf(stopped);
  },
};

type Given = Pick<
  SimulationOptions,
  'from' | 'profile' | 'faults' | 'seed' | 'extensions' | 'inputs' | 'assume' | 'freeTier' | 'log'
>;

function optionsOf(values: Values, parseInputs: (text: string) => SimulationInput[]): Given {
  const [from, inputs] = [textOf(values, 'from'), textOf(values, 'inputs')];
  return {
    ...(from !== undefined && { from }),
    ...(inputs !== undefined && { inputs: readInputs(inputs, parseInputs) }),
    ...weatherOptions(values),
    assume: Object.fromEntries(textsOf(values, 'assume').map(parseAssumption)),
    freeTier: values['free-tier'] === true,
    extensions: values.extensions === true,
    log: remark,
  };
}

function readInputs(file: string, parse: (text: string) => SimulationInput[]): SimulationInput[] {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(`${file}: ${error.message}`);
    throw new CommandError(`The inputs ${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** `ring=100ms`, `ring=2048MB`, `*=100ms/2048MB`. */
function parseAssumption(text: string): [name: string, assumption: Assumption] {
  const [, name, duration, memory] = /^([\w-]+|\*)=(?:([\d.]+)ms)?\/?(?:(\d+)MB)?$/i.exec(text) ?? [];
  if (name === undefined || (duration === undefined && memory === undefined)) {
    throw new UsageError(`"${text}" is not an assumption. Write it as FUNCTION=100ms or FUNCTION=100ms/2048MB.`);
  }
  return [
    name,
    {
      ...(duration !== undefined && { durationMs: Number(duration) }),
      ...(memory !== undefined && { memoryMb: Number(memory) }),
    },
  ];
}

async function progressLine(): Promise<{ show: NonNullable<SimulationOptions['onProgress']>; clear(): void }> {
  const { isoSeconds } = await import('../engine.ts');
  const line = createProgressLine();
  const words = createJourneyWords(isoSeconds);
  return {
    show: (progress) => line.show(words(progress, `${progress.rings.toLocaleString('en')} rings`)),
    clear: line.clear,
  };
}

async function tell(report: Report, values: Values): Promise<void> {
  const html = textOf(values, 'html');
  if (html !== undefined) {
    const { pageOfReport } = await import('../report/page.ts');
    writePage(html, pageOfReport(report));
  }
  if (values.json) console.log(JSON.stringify(report, undefined, 2));
  else console.log((await import('../report/text.ts')).textOfReport(report));
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new CommandError(`The page ${file} can't be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function explained(error: unknown): unknown {
  return error instanceof RangeError ? new UsageError(error.message) : error;
}
