/* Servers under the same load, in turns, so that a busy moment of the machine meets them all. */
import { type Program, startProgram } from './program.ts';
import { ask, eventsRequest } from './requests.ts';

const CONNECTIONS = 64;
const ROUNDS = 5;
const WARM_UP_MS = 1_500;
const ROUND_MS = 600;

/** One of many rules that are given a target again and again: each call changes a row of about 1 KB. */
const RULES = 64;
const nameOf = (index: number) => `bench-${index}`;

function putRule(index: number): string {
  return eventsRequest('PutRule', { Name: nameOf(index), ScheduleExpression: 'rate(365 days)' });
}

function putTarget(index: number): string {
  const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:bench';
  const Input = JSON.stringify({ type: 'warmer', note: 'x'.repeat(800) });
  return eventsRequest('PutTargets', { Rule: nameOf(index), Targets: [{ Id: 'one', Arn, Input }] });
}

/** Requests per second of each program, round by round. */
export async function compareServers(programs: readonly [name: string, options: object][]): Promise<number[][]> {
  const client = startProgram('load.ts');
  const servers = programs.map(([name, options]) => startProgram(name, options));
  try {
    const endpoints = await Promise.all(
      servers.map(async (server) => (await server.next<{ endpoint: string }>()).endpoint),
    );
    for (const endpoint of endpoints) await warmUp(client, endpoint);
    const rates = endpoints.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, endpoint] of endpoints.entries()) {
        const { perSecond } = await ask(client, endpoint, { ...load, durationMs: ROUND_MS });
        rates[index]!.push(perSecond);
      }
    }
    return rates;
  } finally {
    await Promise.all([client, ...servers].map((program) => program.stop()));
  }
}

const each = <T>(make: (index: number) => T) => Array.from({ length: RULES }, (_, index) => make(index));
const load = { requests: each(putTarget), connections: CONNECTIONS };

async function warmUp(client: Program, endpoint: string): Promise<void> {
  await ask(client, endpoint, { requests: each(putRule), connections: 1, count: RULES });
  await ask(client, endpoint, { ...load, durationMs: WARM_UP_MS });
}
