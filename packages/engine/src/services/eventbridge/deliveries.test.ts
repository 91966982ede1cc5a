/* Other services putting events on a bus: by a delivery, with a service made up for it on both sides. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineClock } from '../../kernel/clock.ts';
import { createDispatcher, type Dispatcher } from '../../kernel/dispatcher.ts';
import { createIds } from '../../kernel/ids.ts';
import { Journal } from '../../kernel/journal.ts';
import { createResources } from '../../kernel/resources.ts';
import type { Context, Host, ServiceDefinition } from '../../kernel/service.ts';
import { createMemoryBackend } from '../../kernel/state/memory.ts';
import { Store } from '../../kernel/state/store.ts';
import { createWeather } from '../../kernel/weather.ts';
import { eventbridge } from './index.ts';

const scope = { account: '000000000000', region: 'us-east-1' };
const BUS_ARN = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const TOWER_ARN = 'arn:aws:towers:eu-west-1:210987654321:north';

let received: string[];
let journal: Journal;
let dispatcher: Dispatcher;

const towers = {
  name: 'towers',
  arnName: 'towers',
  operations: {
    Report: (ctx: Context, { payload, parameters }: { payload: string; parameters: Record<string, unknown> }) =>
      ctx.deliver({ targetArn: BUS_ARN, payload, principal: 'towers', sourceArn: TOWER_ARN, parameters }),
  },
  accepts: { '': (_ctx: Context, { payload }: { payload: string }) => void received.push(payload) },
} as unknown as ServiceDefinition;

beforeEach(() => {
  received = [];
  const clock = new EngineClock({ virtual: true, start: Date.UTC(2026, 0, 1) });
  const ids = createIds(1);
  journal = new Journal(clock);
  const weather = createWeather({ name: 'calm' }, ids);
  const host = { clock, ids, weather, settings: {}, endpoint: '', warn: () => {} } as unknown as Host;
  const store = new Store({ backend: createMemoryBackend() });
  const { use } = createResources(host);
  const onFault = (error: unknown) => {
    throw error;
  };
  const services = [eventbridge, towers];
  dispatcher = createDispatcher({
    services,
    host,
    clock,
    ids,
    journal,
    store,
    use,
    validate: () => undefined,
    onFault,
  });
  call('eventbridge', 'PutRule', { Name: 'all', EventPattern: '{"source":["towers"]}' });
  call('eventbridge', 'PutTargets', { Rule: 'all', Targets: [{ Id: 'north', Arn: TOWER_ARN }] });
});
afterEach(() => dispatcher.close());

function call(service: string, operation: string, input: unknown) {
  return dispatcher.call({ service, operation, input, scope, caller: {}, requestId: '1' });
}

it('makes an event of a detail and what the delivery says of it, from where the delivery comes', () => {
  const parameters = { source: 'towers', detailType: 'Bell Rung', resources: [TOWER_ARN] };
  call('towers', 'Report', { payload: '{"tone": 1.0}', parameters });
  expect(received.map((text) => text.replace(/"id":"[^"]+"/, '"id":""'))).toEqual([
    `{"version":"0","id":"","detail-type":"Bell Rung","source":"towers","account":"210987654321",` +
      `"time":"2026-01-01T00:00:00Z","region":"eu-west-1","resources":["${TOWER_ARN}"],"detail":{"tone": 1.0}}`,
  ]);
});

it.each([
  ['[1]', { source: 'towers', detailType: 'Bell Rung' }],
  ['{}', { attributes: {} }],
])('refuses %s with %j', (payload, parameters) => {
  call('towers', 'Report', { payload, parameters });
  expect(received).toEqual([]);
  const notes = journal.list().filter(({ kind }) => kind === 'delivery');
  expect(notes.map(({ outcome }) => outcome)).toEqual(['MalformedDetail']);
});
