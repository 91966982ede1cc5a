/* What an operand of `carillon deploy` stands for: a template, a folder with one, a CDK app, or its cloud assembly. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { CommandError, type Values } from '../options.ts';
import { artifactBucket, hashOf, upload } from './artifacts.ts';
import { publish, stacksOf, synthesize } from './assembly.ts';
import { type Clients, clientsFor } from './clients.ts';
import type { Follower, PlannedStack } from './stack.ts';
import { packagedTemplate, stackNameOf, templateIn } from './template-file.ts';

/** A template as it can be sent along: longer ones go to a bucket. */
const LONGEST_BODY = 51_200;

/** A stack, and how it is made ready when its turn comes. */
export interface Step {
  readonly name: string;
  readonly clients: Clients;
  prepare(follower: Follower): Promise<PlannedStack>;
}

export interface PlanOptions {
  readonly values: Values;
  /** The name of a template's stack; the stacks of an app that are wanted, all when empty. */
  readonly stacks: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** The stacks of an operand, in the order in which they are to be deployed. */
export async function plan(operand: string, { values, stacks, parameters }: PlanOptions): Promise<Step[]> {
  const found = statSync(operand, { throwIfNoEntry: false });
  if (!found) throw new CommandError(`There is no ${operand}. Give a template, or the folder of an app.`);
  const clients = await clientsFor(values);
  const folder = found.isDirectory() ? operand : basename(operand) === 'cdk.json' ? dirname(operand) : undefined;
  if (folder === undefined) return [templateStep(operand, clients, stacks, parameters)];
  if (existsSync(join(folder, 'manifest.json'))) return appSteps(folder, values, clients, stacks, parameters);
  if (existsSync(join(folder, 'cdk.json'))) {
    const assembly = await synthesize(folder, await targetOf(clients));
    return appSteps(assembly, values, clients, stacks, parameters);
  }
  const template = templateIn(folder);
  if (template) return [templateStep(template, clients, stacks, parameters)];
  throw new CommandError(`${folder} has no cdk.json, no template.yaml and no cloud assembly: what is to be deployed?`);
}

function templateStep(
  file: string,
  clients: Clients,
  stacks: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Step {
  if (stacks.length > 1) throw new CommandError(`${file} is one stack: give one name, not ${stacks.join(' and ')}.`);
  const name = stacks[0] ?? stackNameOf(file);
  return {
    ...{ name, clients },
    async prepare() {
      const bucket = () => ownBucket(clients);
      const text = await packagedTemplate(file, { clients, bucket });
      return { name, template: await sendable(text, clients), parameters, tags: {} };
    },
  };
}

async function appSteps(
  assembly: string,
  values: Values,
  clients: Clients,
  wanted: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Promise<Step[]> {
  const all = stacksOf(assembly, await targetOf(clients));
  const unknown = wanted.find((name) => !all.some((stack) => stack.id === name || stack.name === name));
  if (unknown !== undefined) {
    throw new CommandError(`The app has no stack ${unknown}: it has ${all.map(({ name }) => name).join(', ')}.`);
  }
  const chosen = all.filter(({ id, name }) => wanted.length === 0 || wanted.includes(id) || wanted.includes(name));
  return Promise.all(
    chosen.map(async (stack) => {
      const there = stack.region === undefined ? clients : await clientsFor(values, stack.region);
      return {
        ...{ name: stack.name, clients: there },
        async prepare(follower: Follower) {
          const legacy = await publish(stack, there, () => ownBucket(there), follower);
          const template = await sendable(stack.template, there);
          return {
            name: stack.name,
            template,
            parameters: { ...stack.parameters, ...legacy, ...parameters },
            tags: stack.tags,
          };
        },
      };
    }),
  );
}

async function targetOf(clients: Clients) {
  const { Account: account } = await clients.sts.send(new GetCallerIdentityCommand({}));
  return { account: account!, region: clients.region, endpoint: clients.endpoint };
}

async function ownBucket(clients: Clients): Promise<string> {
  return artifactBucket(clients, (await targetOf(clients)).account);
}

async function sendable(body: string, clients: Clients): Promise<PlannedStack['template']> {
  if (Buffer.byteLength(body) <= LONGEST_BODY) return { body };
  const content = Buffer.from(body);
  const [bucket, key] = [await ownBucket(clients), `${hashOf(content)}.template`];
  await upload(clients.s3, bucket, key, async () => content);
  return { url: `${clients.endpoint}/${bucket}/${key}` };
}
