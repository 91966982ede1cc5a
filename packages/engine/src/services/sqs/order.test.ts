/*
 * Queues against what they are: a list of messages with moments. Whatever is sent, received, deleted, hidden and
 * waited for, in any order, a model that scans all it has and the queue agree on every answer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';

interface Modelled {
  readonly body: string;
  readonly group: string;
  visibleAt: number;
  receives: number;
  handle: string | undefined;
}

type Step =
  | { do: 'send'; group: string; delay: number }
  | { do: 'receive'; most: number; timeout: number }
  | { do: 'delete' | 'hide'; which: number; timeout: number }
  | { do: 'wait'; seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      group: fc.constantFrom('a', 'b', 'a/b', 'c'),
      delay: fc.constantFrom(0, 0, 0, 3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      most: fc.integer({ min: 1, max: 10 }),
      timeout: fc.constantFrom(0, 1, 2, 5),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'hide' as const),
      which: fc.nat(),
      timeout: fc.constantFrom(0, 1, 4),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 4 }) }) },
);

/** What may be received: in a FIFO queue, the visible beginnings of groups that have nothing in flight. */
function receivable(all: readonly Modelled[], fifo: boolean, now: number): Modelled[] {
  const visible = all.filter(({ visibleAt }) => visibleAt <= now);
  if (!fifo) return visible;
  const blocked = new Set(all.filter(({ visibleAt }) => visibleAt > now).map(({ group }) => group));
  return visible.filter(({ group }) => !blocked.has(group));
}

/** Throws unless what was received is what the model allows. */
function checkReceipt(got: readonly Modelled[], could: readonly Modelled[], most: number, fifo: boolean): void {
  expect(got).toHaveLength(Math.min(most, could.length));
  for (const message of got) expect(could).toContain(message);
  const groups = fifo ? new Set(got.map(({ group }) => group)) : [];
  for (const wanted of groups) {
    const ofGroup = could.filter(({ group }) => group === wanted);
    const gotten = got.filter(({ group }) => group === wanted);
    expect(gotten).toEqual(ofGroup.slice(0, gotten.length));
  }
  if (fifo) return;
  const latest = Math.max(...got.map(({ visibleAt }) => visibleAt));
  for (const left of could) if (!got.includes(left)) expect(left.visibleAt).toBeGreaterThanOrEqual(latest);
}

async function follow(engine: Engine, fifo: boolean, name: string, steps: readonly Step[]): Promise<void> {
  const { QueueUrl } = await engine.call('sqs', 'CreateQueue', {
    QueueName: name,
    ...(fifo && { Attributes: { FifoQueue: 'true' } }),
  });
  let model: Modelled[] = [];
  let sent = 0;
  const run = async (taken: Step) => {
    const now = engine.clock.now();
    if (taken.do === 'wait') await engine.clock.advance(taken.seconds * 1000);
    else if (taken.do === 'send') {
      const body = String(sent++);
      await engine.call('sqs', 'SendMessage', {
        QueueUrl,
        MessageBody: body,
        ...(fifo ? { MessageGroupId: taken.group, MessageDeduplicationId: body } : { DelaySeconds: taken.delay }),
      });
      const visibleAt = now + (fifo ? 0 : taken.delay * 1000);
      model.push({ body, group: taken.group, visibleAt, receives: 0, handle: undefined });
    } else if (taken.do === 'receive') {
      const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: taken.most,
        VisibilityTimeout: taken.timeout,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const got = Messages.map(({ Body }) => model.find(({ body }) => body === Body)!);
      checkReceipt(got, receivable(model, fifo, now), taken.most, fifo);
      for (const [index, message] of got.entries()) {
        Object.assign(message, { visibleAt: now + taken.timeout * 1000, handle: Messages[index]!.ReceiptHandle });
        expect(Messages[index]!.Attributes?.ApproximateReceiveCount).toBe(String(++message.receives));
      }
    } else {
      const received = model.filter(({ handle }) => handle !== undefined);
      const message = received[taken.which % received.length];
      if (!message) return;
      const inFlight = message.visibleAt > now;
      const input = { QueueUrl, ReceiptHandle: message.handle };
      const call =
        taken.do === 'delete'
          ? engine.call('sqs', 'DeleteMessage', input)
          : engine.call('sqs', 'ChangeMessageVisibility', { ...input, VisibilityTimeout: taken.timeout });
      const done = await call.then(
        () => true,
        () => false,
      );
      expect(done).toBe(inFlight || (taken.do === 'delete' && !fifo));
      if (done && taken.do === 'delete') model = model.filter((other) => other !== message);
      else if (done) message.visibleAt = now + taken.timeout * 1000;
    }
    const { Attributes = {} } = await engine.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    const moment = engine.clock.now();
    const hidden = model.filter(({ visibleAt }) => visibleAt > moment);
    expect(Number(Attributes.ApproximateNumberOfMessages)).toBe(model.length - hidden.length);
    const inFlight = hidden.filter(({ receives }) => receives > 0).length;
    expect(Number(Attributes.ApproximateNumberOfMessagesNotVisible)).toBe(inFlight);
  };
  for (const taken of steps) await run(taken);
}

describe.each([
  ['standard', false],
  ['FIFO', true],
] as const)('a %s queue', (_type, fifo) => {
  it('agrees with its model, whatever is done to it', async () => {
    await using engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
    let queues = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), (steps) =>
        follow(engine, fifo, `q${queues++}${fifo ? '.fifo' : ''}`, steps),
      ),
      { numRuns: 150 },
    );
  });
});
