/*
 * Queues through real clients: the SDKs for JavaScript, which verify every digest, boto3, and boto3 of 2021, which
 * speaks the query protocol and sends its requests to the queue's own URL.
 */
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type SQSServiceException,
} from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import SQS from 'aws-sdk/clients/sqs.js';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { boto3, optionsFor, testWithPython } from '../clients.ts';

const ATTRIBUTES = {
  text: { DataType: 'String', StringValue: 'é' },
  count: { DataType: 'Number', StringValue: '42' },
  bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) },
};
const TRACE = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' } };

let engine: Engine;
let client: SQSClient;
beforeEach(async () => {
  engine = await createEngine();
  client = new SQSClient({ ...optionsFor(engine), maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

async function create(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const fifo = QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const made = await client.send(new CreateQueueCommand({ QueueName, Attributes: { ...fifo, ...Attributes } }));
  return made.QueueUrl!;
}

describe('the SDK for JavaScript, version 3', () => {
  it('sends, receives and deletes, alone and in batches', async () => {
    const QueueUrl = await create('jobs');
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'héllo',
        MessageAttributes: ATTRIBUTES,
        MessageSystemAttributes: TRACE as never,
      }),
    );
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id, MessageAttributes: ATTRIBUTES }));
    expect((await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(2);
    const received = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(received);
    expect(Messages.map(({ Body }) => Body)).toEqual(['héllo', 'a', 'b']);
    expect(Messages[0]!.MessageAttributes).toEqual(ATTRIBUTES);
    expect(Messages[0]!.Attributes).toMatchObject({ AWSTraceHeader: TRACE.AWSTraceHeader.StringValue });
    const [first, ...rest] = Messages;
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first!.ReceiptHandle }));
    const gone = rest.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    expect((await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: gone }))).Successful).toHaveLength(2);
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:jobs',
    });
  });

  it('keeps a FIFO queue in order', async () => {
    const QueueUrl = await create('jobs.fifo', { ContentBasedDeduplication: 'true' });
    for (const MessageBody of ['1', '2', '2', '3']) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'g' }));
    }
    const receive = () => client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const { Messages = [] } = await receive();
    expect(Messages.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
    expect((await receive()).Messages).toBeUndefined();
    for (const { ReceiptHandle } of Messages) {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    }
    expect((await receive()).Messages?.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  });

  it('hears at once, by a long poll, of a message; and takes none when it has gone', async () => {
    const QueueUrl = await create('jobs');
    const poll = (abort?: AbortController) =>
      client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
        ...(abort && { abortSignal: abort.signal }),
      });
    const underWay = () => engine.journal.list().filter(({ outcome }) => outcome === 'under way').length;
    const abort = new AbortController();
    const gone = poll(abort).catch((error: Error) => error.name);
    await expect.poll(underWay).toBe(1);
    abort.abort();
    expect(await gone).toBe('AbortError');
    await expect.poll(underWay).toBe(0);
    const waiting = poll();
    await expect.poll(underWay).toBe(1);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect((await waiting).Messages?.map(({ Body }) => Body)).toEqual(['x']);
  });

  it('tells errors by their classes', async () => {
    const QueueUrl = `${engine.endpoint}/000000000000/none`;
    const error = await client
      .send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
      .catch((reason: SQSServiceException) => reason as QueueDoesNotExist);
    expect(error).toBeInstanceOf(QueueDoesNotExist);
    expect(error).toMatchObject({ name: 'QueueDoesNotExist', message: 'The specified queue does not exist.' });
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });
});

describe('the SDK for JavaScript, version 2', () => {
  it('sends and receives, and verifies every digest', async () => {
    const sqs = new SQS({ ...optionsFor(engine), maxRetries: 0 });
    const { QueueUrl = '' } = await sqs.createQueue({ QueueName: 'jobs' }).promise();
    await sqs.sendMessage({ QueueUrl, MessageBody: 'héllo', MessageAttributes: ATTRIBUTES }).promise();
    await sqs.sendMessageBatch({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'two' }] }).promise();
    const { Messages = [] } = await sqs
      .receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] })
      .promise();
    expect(Messages.map(({ Body }) => Body)).toEqual(['héllo', 'two']);
    expect(Object.keys(Messages[0]!.MessageAttributes!).sort()).toEqual(['bytes', 'count', 'text']);
    await expect(sqs.getQueueUrl({ QueueName: 'none' }).promise()).rejects.toMatchObject({
      code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });
});

const SCRIPT = `
import json, boto3, botocore
sqs = boto3.client('sqs', endpoint_url=ENDPOINT)
url = sqs.create_queue(QueueName='jobs.fifo', Attributes={'FifoQueue': 'true', 'VisibilityTimeout': '5'})['QueueUrl']
sqs.send_message(QueueUrl=url, MessageBody='one', MessageGroupId='g', MessageDeduplicationId='1',
  MessageAttributes={'text': {'DataType': 'String', 'StringValue': 'é'}, 'bytes': {'DataType': 'Binary', 'BinaryValue': b'\\x00\\xff'}})
sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': 'two', 'MessageGroupId': 'g', 'MessageDeduplicationId': '2'}])
got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=['All'], MessageAttributeNames=['All'])['Messages']
for message in got:
  sqs.delete_message(QueueUrl=url, ReceiptHandle=message['ReceiptHandle'])
codes = []
for call in (lambda: sqs.get_queue_url(QueueName='none'), lambda: sqs.send_message(QueueUrl=url, MessageBody='x'),
             lambda: sqs.delete_message_batch(QueueUrl=url, Entries=[])):
  try:
    call()
  except botocore.exceptions.ClientError as error:
    codes.append(error.response['Error']['Code'])
print(json.dumps({'version': botocore.__version__, 'bodies': [m['Body'] for m in got], 'codes': codes,
  'binary': list(got[0]['MessageAttributes']['bytes']['BinaryValue']), 'group': got[0]['Attributes']['MessageGroupId'],
  'left': sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']['ApproximateNumberOfMessages'],
  'urls': sqs.list_queues()['QueueUrls'] == [url]}))
`;

describe('boto3', () => {
  const run = (first: string) =>
    boto3(engine, `${first}\nENDPOINT = '${engine.endpoint}'\n${SCRIPT}`).then((printed) => JSON.parse(printed));
  const expected = {
    bodies: ['one', 'two'],
    codes: ['AWS.SimpleQueueService.NonExistentQueue', 'MissingParameter', 'AWS.SimpleQueueService.EmptyBatchRequest'],
    binary: [0, 255],
    group: 'g',
    left: '0',
    urls: true,
  };

  testWithPython('of today sends, receives and deletes', async () => {
    expect(await run('')).toMatchObject(expected);
  });

  testWithPython('of 2021 does so by the query protocol', async () => {
    const answer = await run(`import sys; sys.path.insert(0, ${JSON.stringify(inject('pythonClients')?.oldBoto3)})`);
    expect(answer.version).toMatch(/^1\.20\./);
    expect(answer).toMatchObject(expected);
  });
});

describe('a plain form', () => {
  it('goes to the queue that its path names', async () => {
    const QueueUrl = await create('jobs');
    const post = async (parameters: Record<string, string>) => {
      const form = new URLSearchParams({ Version: '2012-11-05', ...parameters });
      const answer = await fetch(QueueUrl, {
        method: 'POST',
        body: form,
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-central-1/sqs/aws4_request' },
      });
      return { status: answer.status, text: await answer.text() };
    };
    const sent = await post({ Action: 'SendMessage', MessageBody: '<x> & "y"' });
    expect(sent.text).toContain('<MD5OfMessageBody>');
    const received = await post({ Action: 'ReceiveMessage', 'AttributeName.1': 'All' });
    expect(received.text).toContain('<Body>&lt;x&gt; &amp; &quot;y&quot;</Body>');
    expect(received.text).toContain('<Attribute><Name>SentTimestamp</Name>');
    const refused = await post({ Action: 'SendMessageBatch', 'SendMessageBatchRequestEntry.1.MessageBody': 'x' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(
      '<Code>MissingParameter</Code><Message>The request must contain the parameter SendMessageBatchRequestEntry.1.Id.</Message>',
    );
  });

  it('is answered at its own end of a long poll', async () => {
    const QueueUrl = await create('jobs', { ReceiveMessageWaitTimeSeconds: '1' });
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toBeUndefined();
  });
});
