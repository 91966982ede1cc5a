/*
 * A CDK app: run to its end, it leaves a cloud assembly, a folder of templates and of the files that they need.
 * https://github.com/aws/aws-cdk-rfcs/blob/main/text/0092-asset-publishing.md describes what is in it.
 *
 * The CDK's command is not needed for that, nor is its bootstrap stack: where that is missing, the bucket and the
 * version that apps ask for are made under the same names, so that `cdk bootstrap` can take over.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { CommandError } from '../options.ts';
import { environment } from '../program.ts';
import { contentOf, isThere, upload } from './artifacts.ts';
import type { Clients } from './clients.ts';
import { checkEnding, deployStack, type Follower } from './stack.ts';

/** A stack of an app. */
export interface AssemblyStack {
  /** What the app calls it, and what it is called on AWS. */
  readonly id: string;
  readonly name: string;
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The region that the app is bound to. */
  readonly region: string | undefined;
  readonly assets: readonly Asset[];
  readonly legacyAssets: readonly LegacyAsset[];
  readonly dependencies: readonly string[];
}

interface Asset {
  readonly id: string;
  readonly path: string;
  readonly zipped: boolean;
  readonly bucket: string;
  readonly key: string;
}

/** How the CDK 1.x names an asset: by parameters of the template. */
interface LegacyAsset {
  readonly id: string;
  readonly path: string;
  readonly packaging: 'zip' | 'file' | 'container-image';
  readonly s3BucketParameter: string;
  readonly s3KeyParameter: string;
  readonly artifactHashParameter: string;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
  readonly metadata?: Readonly<Record<string, readonly { type: string; data: unknown }[]>>;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
  readonly missing?: readonly { key: string; provider: string }[];
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: {
          readonly path?: string;
          readonly packaging?: string;
          readonly executable?: readonly string[];
        };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

/** Where an app is run for. */
export interface Target {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
}

/** The version that the CDK's own bootstrap stack has at least. */
const BOOTSTRAP_VERSION = '21';

/** Runs the app of a folder with a cdk.json; resolves with the folder of its cloud assembly. */
export async function synthesize(folder: string, { account, region, endpoint }: Target): Promise<string> {
  const settings = readJson(join(folder, 'cdk.json')) as { app?: string; build?: string; context?: object };
  if (settings.app === undefined)
    throw new CommandError(`${join(folder, 'cdk.json')} has no "app": what is to be run?`);
  const contextFile = join(folder, 'cdk.context.json');
  const context = { ...settings.context, ...(existsSync(contextFile) && (readJson(contextFile) as object)) };
  const output = mkdtempSync(join(tmpdir(), 'carillon-cdk-'));
  const env = {
    ...environment(endpoint),
    CDK_OUTDIR: output,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
    CDK_CONTEXT_JSON: JSON.stringify(context),
  };
  for (const command of [settings.build, settings.app]) if (command) await runShell(command, folder, env);
  if (!existsSync(join(output, 'manifest.json'))) {
    throw new CommandError(`The app "${settings.app}" left no cloud assembly: does it end with app.synth()?`);
  }
  return output;
}

async function runShell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, { cwd, env, shell: true, stdio: ['ignore', process.stderr, process.stderr] });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new CommandError(`"${command}" could not make the stacks: it ended with ${signal ?? code}.`);
}

/** The stacks of an assembly and of those within it, each after those that it depends on. */
export function stacksOf(folder: string, target: Target): AssemblyStack[] {
  const manifest = readJson(join(folder, 'manifest.json')) as Manifest;
  if (manifest.missing?.length) {
    const keys = manifest.missing.map(({ provider, key }) => `${provider} (${key})`).join(', ');
    throw new CommandError(`The app asks AWS for what Carillon can't look up: ${keys}. Give it in cdk.context.json.`);
  }
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const nested = artifacts.flatMap(([, { type, properties }]) =>
    type === 'cdk:cloud-assembly' ? stacksOf(join(folder, String(properties!.directoryName)), target) : [],
  );
  const own = artifacts.flatMap(([id, artifact]) =>
    artifact.type === 'aws:cloudformation:stack' ? [stackOf(folder, id, artifact, manifest, target)] : [],
  );
  return inOrder([...nested, ...own]);
}

function stackOf(folder: string, id: string, artifact: Artifact, manifest: Manifest, target: Target): AssemblyStack {
  const { properties = {}, environment: bound = '', dependencies = [], metadata = {} } = artifact;
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(bound) ?? [];
  const where = {
    ...target,
    ...(account && account !== 'unknown-account' && { account }),
    ...(region && region !== 'unknown-region' && { region }),
  };
  const manifests = dependencies.flatMap((dependency) => {
    const { type, properties: own } = manifest.artifacts?.[dependency] ?? {};
    return type === 'cdk:asset-manifest' ? [String(own!.file)] : [];
  });
  return {
    ...{
      id,
      name: String(properties.stackName ?? id),
      region: where.region === target.region ? undefined : where.region,
    },
    template: readFileSync(join(folder, String(properties.templateFile)), 'utf8'),
    parameters: (properties.parameters ?? {}) as Record<string, string>,
    tags: (properties.tags ?? {}) as Record<string, string>,
    assets: manifests.flatMap((file) => assetsOf(folder, file, where)),
    legacyAssets: Object.values(metadata)
      .flat()
      .filter(({ type }) => type === 'aws:cdk:asset')
      .map(({ data }) => ({ ...(data as LegacyAsset), path: resolve(folder, (data as LegacyAsset).path) })),
    dependencies: dependencies.filter((dependency) => !manifests.includes(dependency)),
  };
}

function assetsOf(folder: string, file: string, { account, region }: Target): Asset[] {
  const { files = {}, dockerImages = {} } = readJson(join(folder, file)) as AssetManifest;
  const images = Object.keys(dockerImages);
  if (images.length > 0) {
    throw new CommandError(
      `The app has container images (${images.join(', ')}), which Carillon can't run: give its functions code instead.`,
    );
  }
  const filled = (text: string) =>
    text
      .replaceAll('${AWS::AccountId}', account)
      .replaceAll('${AWS::Region}', region)
      .replaceAll('${AWS::Partition}', 'aws');
  return Object.entries(files).flatMap(([id, { source, destinations }]) => {
    const { path } = source;
    if (path === undefined) {
      throw new CommandError(
        `The asset ${id} is made by a program (${source.executable?.join(' ')}): deploy with cdk deploy.`,
      );
    }
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      ...{ id, path: join(folder, path), zipped: source.packaging === 'zip' },
      ...{ bucket: filled(bucketName), key: filled(objectKey) },
    }));
  });
}

/** Uploads a stack's files; resolves with the parameters that name them, where the app's CDK is of old. */
export async function publish(
  stack: AssemblyStack,
  clients: Clients,
  ownBucket: () => Promise<string>,
  follower: Follower,
): Promise<Record<string, string>> {
  for (const bucket of new Set(stack.assets.map((asset) => asset.bucket)))
    await ensureBucket(clients, bucket, follower);
  for (const { bucket, key, ...artifact } of stack.assets) {
    await upload(clients.s3, bucket, key, () => contentOf(artifact));
  }
  const parameters: Record<string, string> = {};
  for (const asset of stack.legacyAssets) {
    if (asset.packaging === 'container-image') {
      throw new CommandError(
        `The app has a container image (${asset.id}), which Carillon can't run: give its function code instead.`,
      );
    }
    const bucket = await ownBucket();
    const name = asset.packaging === 'zip' ? `${asset.id}.zip` : asset.id;
    await upload(clients.s3, bucket, `assets/${name}`, () =>
      contentOf({ ...asset, zipped: asset.packaging === 'zip' }),
    );
    parameters[asset.s3BucketParameter] = bucket;
    parameters[asset.s3KeyParameter] = `assets/||${name}`;
    parameters[asset.artifactHashParameter] = asset.id;
  }
  return parameters;
}

/** What `cdk bootstrap` would make of what apps need, by the same names. */
async function ensureBucket({ s3, cloudformation }: Clients, bucket: string, follower: Follower): Promise<void> {
  if (await isThere(s3.send(new HeadBucketCommand({ Bucket: bucket })))) return;
  const qualifier = /^cdk-([a-z0-9]+)-assets-/.exec(bucket)?.[1];
  if (qualifier === undefined)
    throw new CommandError(`The app's files go to the bucket ${bucket}, which is not there. Make it first.`);
  const body = JSON.stringify(bootstrapTemplate(bucket, qualifier));
  const ending = await deployStack(
    cloudformation,
    { name: 'CDKToolkit', template: { body }, parameters: {}, tags: {} },
    follower,
  );
  if (ending) checkEnding('CDKToolkit', ending);
}

function bootstrapTemplate(BucketName: string, qualifier: string) {
  return {
    Description: 'What apps of the CDK need. Made by carillon deploy; cdk bootstrap can take over.',
    Resources: {
      StagingBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName, VersioningConfiguration: { Status: 'Enabled' } },
      },
      CdkBootstrapVersion: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Name: `/cdk-bootstrap/${qualifier}/version`, Value: BOOTSTRAP_VERSION },
      },
    },
    Outputs: {
      BucketName: { Value: { Ref: 'StagingBucket' } },
      BucketDomainName: { Value: { 'Fn::GetAtt': ['StagingBucket', 'RegionalDomainName'] } },
      BootstrapVersion: { Value: { 'Fn::GetAtt': ['CdkBootstrapVersion', 'Value'] } },
    },
  };
}

function inOrder(stacks: readonly AssemblyStack[]): AssemblyStack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const ordered = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack) => {
    for (const id of stack.dependencies) {
      const before = byId.get(id);
      if (before && !ordered.has(before)) visit(before);
    }
    ordered.add(stack);
  };
  for (const stack of stacks) visit(stack);
  return [...ordered];
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${(error as Error).message}.`);
  }
}
