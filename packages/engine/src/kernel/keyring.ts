/*
 * The secrets behind access keys: the user's own, those of functions, and those that services hand out.
 *
 * Every secret that the engine hands out is derived from one root that it alone knows, so none can be guessed from
 * the ids around it, which come from a seeded source, and all stay what they are over a restart.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT_BYTES = 32;
/** The length of a secret access key of AWS, in characters. */
const SECRET_LENGTH = 40;

export interface KeyringOptions {
  root: Buffer;
  /** Secrets of the user's own access keys, by their ids. */
  keys: Readonly<Record<string, string>>;
  /** The credentials behind an access key that a service handed out, while they are valid. */
  issued(accessKeyId: string): IssuedCredentials | undefined;
}

/** What a function, or anyone else who acts within an account, signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface IssuedCredentials {
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

export interface Keyring {
  /** A secret that belongs to a name. */
  secretFor(name: string): string;
  /** What functions of an account sign with. */
  credentialsOf(account: string): Credentials;
  /** The secret that a caller has to sign with; undefined when the key is nobody's or the token is not its own. */
  secretOf(accessKeyId: string, sessionToken: string | undefined): string | undefined;
}

export function createKeyring({ root, keys, issued }: KeyringOptions): Keyring {
  const own = new Map(Object.entries(keys));
  const secretFor = (name: string) => createHmac('sha256', root).update(name).digest('base64').slice(0, SECRET_LENGTH);
  const credentialsOf = (account: string): Credentials => ({
    accessKeyId: account,
    secretAccessKey: secretFor(`secret of ${account}`),
    sessionToken: secretFor(`token of ${account}`),
  });
  return {
    secretFor,
    credentialsOf,
    secretOf(accessKeyId, sessionToken) {
      const known = own.get(accessKeyId);
      if (known !== undefined) return known;
      const given = /^\d{12}$/.test(accessKeyId) ? credentialsOf(accessKeyId) : issued(accessKeyId);
      return given && given.sessionToken === sessionToken ? given.secretAccessKey : undefined;
    },
  };
}

/** The root kept in a directory, made when first asked for. */
export function keptRoot(directory: string): Buffer {
  const file = join(directory, 'secret');
  try {
    const root = readFileSync(file);
    if (root.byteLength === ROOT_BYTES) return root;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const root = newRoot();
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, root, { mode: 0o600 });
  return root;
}

export function newRoot(): Buffer {
  return randomBytes(ROOT_BYTES);
}

/** The same root for the same seed, for runs that are the same to the byte. */
export function seededRoot(seed: string | number): Buffer {
  return createHmac('sha256', 'carillon').update(String(seed)).digest();
}
