/*
 * Real clients, unmodified and configured as a user would, pointed at an engine: boto3 and the AWS CLI as
 * processes, the SDKs for JavaScript by options. Nothing of the machine's own configuration reaches them.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inject, test } from 'vitest';

const run = promisify(execFile);
const clients = inject('pythonClients');

type Target = { readonly endpoint: string };

/** For tests with boto3 or the AWS CLI: skipped where these can't be had. */
export const testWithPython = test.skipIf(clients === undefined);

const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;
const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: '000000000000', secretAccessKey: 'any', sessionToken: 'any' };

/** Options of a client of the AWS SDK for JavaScript, version 2 or 3. */
export const optionsFor = (engine: Target) => ({
  endpoint: engine.endpoint,
  region: REGION,
  credentials: CREDENTIALS,
});

/** Runs the AWS CLI, version 1, and resolves with what it printed; rejects with its complaint when it fails. */
export async function aws(engine: Target, ...args: string[]): Promise<string> {
  return python(engine, ['-m', 'awscli', ...args]);
}

/** Runs Python code, where boto3 is at hand, and resolves with what it printed; rejects with its traceback. */
export async function boto3(engine: Target, code: string): Promise<string> {
  return python(engine, ['-c', code]);
}

/** Whether the `aws` on the PATH is the AWS CLI, version 2, which no registry has. */
export async function hasAwsV2(): Promise<boolean> {
  const { stdout } = await run('aws', ['--version']).catch(() => ({ stdout: '' }));
  return stdout.startsWith('aws-cli/2.');
}

/** Runs the AWS CLI, version 2: where `hasAwsV2()`. */
export async function awsV2(engine: Target, ...args: string[]): Promise<string> {
  const { stdout } = await run('aws', ['--endpoint-url', engine.endpoint, ...args], { env: environmentFor(engine) });
  return stdout;
}

async function python(engine: Target, args: string[]): Promise<string> {
  if (!clients) throw new Error('boto3 and the AWS CLI are not at hand: use testWithPython.');
  const env = { ...environmentFor(engine), PYTHONPATH: clients.packages };
  const { stdout } = await run(clients.python, args, { env, maxBuffer: LARGEST_OUTPUT_BYTES });
  return stdout;
}

function environmentFor({ endpoint }: Target): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
}
