/* The commands that there are. Each is loaded only when it is asked for: what starts fast imports little. */
import { columns, paint } from './terminal.ts';

export const commands = {
  start: {
    usage: 'start',
    summary: 'Run the engine; what it is told is kept in ./.carillon',
    load: async () => (await import('./commands/start.ts')).start,
  },
  run: {
    usage: 'run -- CMD',
    summary: 'Run a command whose AWS calls go to Carillon',
    load: async () => (await import('./commands/run.ts')).run,
  },
  deploy: {
    usage: 'deploy APP|TEMPLATE',
    summary: 'Deploy a template, a SAM template or a CDK app',
    load: async () => (await import('./commands/deploy.ts')).deploy,
  },
  stacks: {
    usage: 'stacks',
    summary: 'List the stacks that there are, and what is in one',
    load: async () => (await import('./commands/stacks.ts')).stacks,
  },
  destroy: {
    usage: 'destroy STACK…',
    summary: 'Delete stacks, with all that they made',
    load: async () => (await import('./commands/destroy.ts')).destroy,
  },
  clock: {
    usage: 'clock',
    summary: 'Stop and step the time of the engine that is up',
    load: async () => (await import('./commands/clock.ts')).clock,
  },
  explain: {
    usage: 'explain EVENT',
    summary: 'See which rules an event matches, and what keeps it from the others',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  trace: {
    usage: 'trace ID',
    summary: 'See all that an event, a message or a request caused, as a tree',
    load: async () => (await import('./commands/trace.ts')).trace,
  },
  tail: {
    usage: 'tail',
    summary: 'Watch rings, events, deliveries and invocations as they happen',
    load: async () => (await import('./commands/tail.ts')).tail,
  },
  logs: {
    usage: 'logs [FUNCTION]',
    summary: 'Read the logs of functions, and follow them',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  simulate: {
    usage: 'simulate APP',
    summary: 'See what an app does in a month, and what it would cost on AWS',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
  example: {
    usage: 'example',
    summary: 'See it at work: a schedule rings a function every few seconds',
    load: async () => (await import('./commands/example.ts')).example,
  },
} as const;

const EXAMPLES = [
  'carillon start',
  'carillon run -- aws events list-rules',
  'carillon run -- npm test',
  'carillon deploy template.yaml',
  'carillon simulate deploy.py --for 30d',
  'carillon help start',
];

/** What `carillon --help` says. */
export function overview(): string {
  const rows = Object.values(commands).map(({ usage, summary }) => [usage, summary] as const);
  return [
    'Carillon runs the event-driven side of AWS on your own machine: the APIs of AWS, real function processes,',
    'and a clock that you control.',
    '',
    `${paint('bold', 'Usage:')} carillon COMMAND [OPTIONS]`,
    '',
    paint('bold', 'Commands:'),
    ...columns([...rows, ['help CMD', 'Everything about a command']]),
    '',
    paint('bold', 'Examples:'),
    ...EXAMPLES.map((example) => `  ${paint('cyan', example)}`),
    '',
    'carillon --version tells the version.',
  ].join('\n');
}
