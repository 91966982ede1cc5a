/*
 * PutEvents over HTTP, signed, one event of 1 KB a call: to queue, topic and function, with few rules and many, in
 * memory and durable; and how much later an event comes by way of a bus than a message that is sent to its queue.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, type Figure, median, percentile } from './figure.ts';
import { type Program, startProgram } from './program.ts';
import type { Case, Outcome } from './programs/traffic.ts';
import { ask, eventsRequest } from './requests.ts';

const [FEW, MANY] = [5, 1_000];
const ROUNDS = 9;
const ROUND_MS = 300;
const LATENCIES = 300;
const CONNECTIONS = 64;

const EVENT = { Source: 'bench', DetailType: 'ding', Detail: JSON.stringify({ amount: 0, note: 'x'.repeat(800) }) };
const load = { requests: [eventsRequest('PutEvents', { Entries: [EVENT] })], connections: CONNECTIONS };

type Target = (Case & { kind: 'rules' })['target'];

/** An engine in a process of its own, with rules for a target. */
async function serverWith(rules: number, target: Target, options: object = {}): Promise<Server> {
  const program = startProgram('traffic.ts', options);
  const { endpoint } = await program.next<{ endpoint: string }>();
  await program.ask<Outcome>({ kind: 'rules', rules, target } satisfies Case);
  return { program, endpoint };
}

interface Server {
  readonly program: Program;
  readonly endpoint: string;
}

/** Events a second of each of two, in short turns: of the round whose ratio is the median. */
async function compare(client: Program, ours: Server, baseline: Server): Promise<{ ours: number; baseline: number }> {
  const turn = async ({ endpoint }: Server) =>
    (await ask(client, endpoint, { ...load, durationMs: ROUND_MS })).perSecond;
  const rounds: { ours: number; baseline: number }[] = [];
  for (const server of [ours, baseline]) await ask(client, server.endpoint, { ...load, durationMs: 1_000 });
  for (let round = 0; round < ROUNDS; round++) rounds.push({ ours: await turn(ours), baseline: await turn(baseline) });
  return rounds.sort((a, b) => a.ours / a.baseline - b.ours / b.baseline)[ROUNDS >> 1]!;
}

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    const client = startProgram('load.ts');
    const figures: Figure[] = [];
    const against = async (
      figure: string,
      baseline: string,
      [ours, base]: readonly [Promise<Server>, Promise<Server>],
      aim?: Figure['aim'],
    ) => {
      const servers = [await ours, await base];
      try {
        const round = await compare(client, servers[0]!, servers[1]!);
        figures.push({ figure, unit: '/s', ...round, against: baseline, ...(aim && { aim }) });
      } finally {
        await Promise.all(servers.map(({ program }) => program.stop()));
      }
    };
    try {
      const none = () => serverWith(FEW, 'none');
      await against('PutEvents, no rule matches', 'bare node:http + JSON', [none(), bareServer()], { ours: 15_000 });
      for (const target of ['queue', 'topic', 'function'] as const) {
        await against(`PutEvents to a ${target}, ${FEW} rules`, 'no rule matches', [serverWith(FEW, target), none()]);
      }
      await against(
        `PutEvents to a queue, ${MANY} rules`,
        `${FEW} rules`,
        [serverWith(MANY, 'queue'), serverWith(FEW, 'queue')],
        { ratio: 0.8 },
      );
      await against('PutEvents to a queue, durable', 'in memory', [
        serverWith(FEW, 'queue', { data }),
        serverWith(FEW, 'queue'),
      ]);
      figures.push(...(await addedLatency()));
      return figures;
    } finally {
      await client.stop();
      rmSync(data, { recursive: true, force: true });
    }
  },
};

async function bareServer(): Promise<Server> {
  const program = startProgram('bare-server.js');
  return { program, ...(await program.next<{ endpoint: string }>()) };
}

async function addedLatency(): Promise<Figure[]> {
  const { program } = await serverWith(FEW, 'queue');
  try {
    const measure = async (through: 'bus' | 'queue') =>
      (await program.ask<Outcome>({ kind: 'latency', through, count: LATENCIES } satisfies Case)).latenciesMs!;
    await measure('bus');
    const [sent, put] = [await measure('queue'), await measure('bus')];
    return [0.5, 0.99].map((share) => ({
      figure: `an event by way of a bus to a waiting consumer, p${share * 100}`,
      unit: 'ms',
      ours: share === 0.5 ? median(put) : percentile(put, share),
      baseline: share === 0.5 ? median(sent) : percentile(sent, share),
      against: 'a message sent to the queue',
    }));
  } finally {
    await program.stop();
  }
}
