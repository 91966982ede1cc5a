/*
 * Two servers under the same load, in short turns: a busy moment of the machine meets both of a round, and the round
 * whose ratio is the median tells.
 */
import { type Program, startProgram } from './program.ts';
import { ask, eventsRequest } from './requests.ts';

const CONNECTIONS = 64;
const ROUNDS = 11;
const WARM_UP_MS = 1_500;
const ROUND_MS = 300;

/** One of many rules that are given a target again and again: each call changes a row of about 1 KB. */
const RULES = 2_000;
const nameOf = (index: number) => `bench-${index}`;

function putRule(index: number): string {
  return eventsRequest('PutRule', { Name: nameOf(index), ScheduleExpression: 'rate(365 days)' });
}

function putTarget(index: number): string {
  const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:bench';
  const Input = JSON.stringify({ type: 'warmer', note: 'x'.repeat(800) });
  return eventsRequest('PutTargets', { Rule: nameOf(index), Targets: [{ Id: 'one', Arn, Input }] });
}

export interface Round {
  /** Requests per second. */
  ours: number;
  baseline: number;
}

type ProgramWish = readonly [name: string, options: object];

/** The median round of ours and the baseline. */
export async function compareServers(ours: ProgramWish, baseline: ProgramWish): Promise<Round> {
  const client = startProgram('load.ts');
  const servers = [ours, baseline].map(([name, options]) => startProgram(name, options));
  try {
    const endpoints: string[] = [];
    for (const server of servers) endpoints.push((await server.next<{ endpoint: string }>()).endpoint);
    for (const endpoint of endpoints) await warmUp(client, endpoint);
    const turn = async (endpoint: string) => (await ask(client, endpoint, { ...load, durationMs: ROUND_MS })).perSecond;
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ ours: await turn(endpoints[0]!), baseline: await turn(endpoints[1]!) });
    }
    return rounds.sort((a, b) => a.ours / a.baseline - b.ours / b.baseline)[ROUNDS >> 1]!;
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
