/*
 * The access keys that callers sign with, from files (those of the AWS CLI, or JSON) or from the environment.
 */
import { readFileSync } from 'node:fs';
import { CommandError } from './options.ts';

/** Secrets by access key id. */
export type Keys = Readonly<Record<string, string>>;

/** Where to look instead of a file. */
const ENVIRONMENT = 'env';

/** The keys of all sources together; of the environment's where there are none. */
export function readKeys(sources: readonly string[]): Keys {
  const list = sources.length > 0 ? sources : [ENVIRONMENT];
  return Object.assign({}, ...list.map((source) => (source === ENVIRONMENT ? fromEnvironment() : fromFile(source))));
}

function fromEnvironment(): Keys {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (id && secret) return { [id]: secret };
  throw new CommandError(
    'Callers have to sign here: give their access keys with --auth FILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  );
}

function fromFile(file: string): Keys {
  const keys = parseKeys(contentOf(file));
  if (keys && Object.keys(keys).length > 0) return keys;
  throw new CommandError(
    `${file} holds no access keys. Write it as ~/.aws/credentials is, or as JSON: {"ACCESS_KEY_ID": "SECRET"}.`,
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`The file of access keys ${file} can't be read (${code}). Give another with --auth FILE.`);
  }
}

/** Undefined when the text is neither. */
export function parseKeys(text: string): Keys | undefined {
  return text.trimStart().startsWith('{') ? fromJson(text) : fromCredentialsFile(text);
}

function fromJson(text: string): Keys | undefined {
  try {
    const keys: unknown = JSON.parse(text);
    const isKeys = Object.values(keys as object).every((secret) => typeof secret === 'string' && secret !== '');
    return isKeys ? (keys as Keys) : undefined;
  } catch {
    return undefined;
  }
}

/** AWS CLI User Guide, "Configuration and credential file settings": a key id and a secret in each profile. */
function fromCredentialsFile(text: string): Keys {
  const profiles = text.split(/^\s*\[.*$/m);
  return Object.fromEntries(
    profiles.flatMap((profile) => {
      const id = settingOf(profile, 'aws_access_key_id');
      const secret = settingOf(profile, 'aws_secret_access_key');
      return id && secret ? [[id, secret]] : [];
    }),
  );
}

function settingOf(profile: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)\\s*$`, 'm').exec(profile)?.[1];
}
