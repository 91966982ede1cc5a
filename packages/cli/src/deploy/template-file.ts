/*
 * A template in a file, with what it points at on this machine: code, layers, nested templates. These go to a bucket,
 * and the template names them there, as `aws cloudformation package` does it.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readDocument, TemplateError } from '@carillon/engine/languages';
import { CommandError } from '../options.ts';
import { contentOf, hashOf, upload } from './artifacts.ts';
import type { Clients } from './clients.ts';

/** A property that may name a local file or folder, and the form in which it then names an object. */
interface LocalProperty {
  readonly property: string;
  readonly as: 'zip' | 'file' | 'template';
  readonly form: (bucket: string, key: string, endpoint: string) => unknown;
}

const uri = (bucket: string, key: string) => `s3://${bucket}/${key}`;
const url = (bucket: string, key: string, endpoint: string) => `${endpoint}/${bucket}/${key}`;
const s3 = (S3Bucket: string, S3Key: string) => ({ S3Bucket, S3Key });
const location = (Bucket: string, Key: string) => ({ Bucket, Key });

const LOCAL: Readonly<Record<string, LocalProperty>> = {
  'AWS::Lambda::Function': { property: 'Code', as: 'zip', form: s3 },
  'AWS::Lambda::LayerVersion': { property: 'Content', as: 'zip', form: s3 },
  'AWS::Serverless::Function': { property: 'CodeUri', as: 'zip', form: uri },
  'AWS::Serverless::LayerVersion': { property: 'ContentUri', as: 'zip', form: uri },
  'AWS::Serverless::Api': { property: 'DefinitionUri', as: 'file', form: uri },
  'AWS::Serverless::HttpApi': { property: 'DefinitionUri', as: 'file', form: uri },
  'AWS::Serverless::StateMachine': { property: 'DefinitionUri', as: 'file', form: uri },
  'AWS::StepFunctions::StateMachine': { property: 'DefinitionS3Location', as: 'file', form: location },
  'AWS::ApiGateway::RestApi': { property: 'BodyS3Location', as: 'file', form: location },
  'AWS::CloudFormation::Stack': { property: 'TemplateURL', as: 'template', form: url },
  'AWS::Serverless::Application': { property: 'Location', as: 'template', form: url },
};

/** Templates that hold each other, one in another. */
const DEEPEST = 20;

type Json = Record<string, unknown>;

export interface Packaging {
  readonly clients: Clients;
  /** The bucket for what the template points at, made when it is first asked for. */
  bucket(): Promise<string>;
}

/** The text of a template whose files and folders are all in the bucket. */
export async function packagedTemplate(file: string, packaging: Packaging, depth = 0): Promise<string> {
  const text = read(file);
  if (depth > DEEPEST) throw new CommandError(`${file} is in a circle of templates that hold each other.`);
  const document = documentOf(text, file);
  let changed = false;
  for (const [id, properties, { property, as, form }] of localProperties(document)) {
    const path = properties[property];
    if (typeof path !== 'string' || /^[a-z0-9]+:\/\//i.test(path)) continue;
    const place = resolve(dirname(file), path);
    if (!statSync(place, { throwIfNoEntry: false })) {
      throw new CommandError(`${id} has the ${property} ${path}, which is not there (${place}).`);
    }
    const content =
      as === 'template'
        ? Buffer.from(await packagedTemplate(place, packaging, depth + 1))
        : await contentOf({ path: place, zipped: as === 'zip' && !/\.(zip|jar)$/.test(place) });
    const bucket = await packaging.bucket();
    const key = hashOf(content) + (as === 'template' ? '.template' : '');
    await upload(packaging.clients.s3, bucket, key, async () => content);
    properties[property] = form(bucket, key, packaging.clients.endpoint);
    changed = true;
  }
  return changed ? JSON.stringify(document, undefined, 1) : text;
}

/** The resources that may name something local, and what SAM's Globals give to all of a kind. */
function* localProperties(document: Json): Generator<readonly [id: string, properties: Json, LocalProperty]> {
  for (const [id, resource] of Object.entries((document.Resources ?? {}) as Json)) {
    const { Type, Properties } = (resource ?? {}) as { Type?: string; Properties?: Json };
    const local = LOCAL[Type ?? ''];
    if (local && Properties) yield [id, Properties, local];
  }
  for (const [kind, properties] of Object.entries((document.Globals ?? {}) as Json)) {
    const local = LOCAL[`AWS::Serverless::${kind}`];
    if (local && properties) yield [`Globals.${kind}`, properties as Json, local];
  }
}

function documentOf(text: string, file: string): Json {
  try {
    return structuredClone(readDocument(text)) as Json;
  } catch (error) {
    if (error instanceof TemplateError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`The template ${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** What a stack is called after its file: `shop` of `shop.yaml`, and of `shop/template.yaml`. */
export function stackNameOf(file: string): string {
  const name = basename(file).replace(/(\.template)?\.\w+$/, '');
  const given = /^(template|packaged|main|stack|cloudformation)$/i.test(name) ? basename(dirname(resolve(file))) : name;
  return given.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'stack';
}

/** The template of a folder, where it has one. */
export function templateIn(folder: string): string | undefined {
  const names = ['template.yaml', 'template.yml', 'template.json'];
  return names.map((name) => join(folder, name)).find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
