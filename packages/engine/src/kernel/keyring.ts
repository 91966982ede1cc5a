/*
 * The secrets behind access keys: the user's own, those of functions, and those that services hand out.
 *
 * Every secret that the engine hands out is derived from one root that it alone knows, so none can be guessed from
 * the ids around it, which come from a seeded source, and all stay what they are over a restart.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCredentials, letters } from './access-keys.ts';

const ROOT_BYTES = 32;
/** The length of a secret access key of AWS, in characters. */
const SECRET_LENGTH = 40;
/** How the session tokens of actors begin. */
const ACTOR_MARK = 'carillon.';
/** Actors that are remembered. */
const MOST_ACTORS = 10_000;

export interface KeyringOptions {
  root: Buffer;
  /** Secrets of the user's own access keys, by their ids. */
  keys: Readonly<Record<string, string>>;
  /** The credentials behind an access key that a service handed out, while they are valid. */
  issued(accessKeyId: string): IssuedCredentials | undefined;
}

/** Who acts in a role: a function, by its ARN. */
export interface Actor {
  readonly roleArn: string;
  readonly sourceArn: string;
  /** Which of those that act for it, where that is told apart. */
  readonly session?: string;
}

/** What an actor signs with. */
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
  /** What an actor within an account signs with: always the same, and kept nowhere. */
  credentialsOf(account: string, actor: Actor): Credentials;
  /** Who signs with such credentials; undefined for any others. */
  actorOf(accessKeyId: string, sessionToken: string | undefined): Actor | undefined;
  /** The secret that a caller has to sign with; undefined when the key is nobody's or the token is not its own. */
  secretOf(accessKeyId: string, sessionToken: string | undefined): string | undefined;
}

export function createKeyring({ root, keys, issued }: KeyringOptions): Keyring {
  const own = new Map(Object.entries(keys));
  const secretFor = (name: string) => createHmac('sha256', root).update(name).digest('base64').slice(0, SECRET_LENGTH);
  const seal = (account: string, text: string) =>
    createHmac('sha256', root).update(`actor of ${account} ${text}`).digest();
  /** Actors by their session tokens. */
  const actors = new Map<string, Actor & { accessKeyId: string }>();

  const issue = (account: string, text: string): Credentials => {
    const sealed = seal(account, text);
    const chance = { random: () => sealed[0]! / 256, upper: () => letters(sealed.subarray(1, 8)) };
    const sessionToken = `${ACTOR_MARK}${account}.${Buffer.from(text).toString('base64url')}.${sealed.toString('base64url')}`;
    return { ...createCredentials('ASIA', account, { ids: chance, secretFor }), sessionToken };
  };

  /** Reads a token that nobody else can have made. */
  const open = (sessionToken: string): (Actor & { accessKeyId: string }) | undefined => {
    const [account = '', encoded = '', mark = ''] = sessionToken.slice(ACTOR_MARK.length).split('.');
    const text = Buffer.from(encoded, 'base64url').toString();
    const given = Buffer.from(mark, 'base64url');
    const sealed = seal(account, text);
    if (given.length !== sealed.length || !timingSafeEqual(given, sealed)) return undefined;
    return { ...(JSON.parse(text) as Actor), accessKeyId: issue(account, text).accessKeyId };
  };

  const actorOf: Keyring['actorOf'] = (accessKeyId, sessionToken) => {
    if (!sessionToken?.startsWith(ACTOR_MARK)) return undefined;
    let actor = actors.get(sessionToken);
    if (!actor) {
      actor = open(sessionToken);
      if (!actor) return undefined;
      if (actors.size >= MOST_ACTORS) actors.clear();
      actors.set(sessionToken, actor);
    }
    if (actor.accessKeyId !== accessKeyId) return undefined;
    const { accessKeyId: _, ...rest } = actor;
    return rest;
  };

  return {
    secretFor,
    credentialsOf: (account, { roleArn, sourceArn, session }) =>
      issue(account, JSON.stringify({ roleArn, sourceArn, session })),
    actorOf,
    secretOf(accessKeyId, sessionToken) {
      const known = own.get(accessKeyId);
      if (known !== undefined) return known;
      if (actorOf(accessKeyId, sessionToken)) return secretFor(`secret of ${accessKeyId}`);
      const given = issued(accessKeyId);
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
