/*
 * A policy document, read into one shape: lists where the grammar allows a single value, and one place each for an
 * element and its `Not…` twin.
 *
 * Reading is strict about the grammar and says nothing yet about what a given kind of policy may contain: that is
 * validate.ts. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { PolicyError } from './error.ts';

export interface Policy {
  /** The language's version, not the policy's own; `2008-10-17` when the document names none. */
  readonly version: '2008-10-17' | '2012-10-17';
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** Absent in policies of an identity, which are about their holder. */
  readonly principal?: Clause<PrincipalId>;
  readonly action?: Clause<string>;
  readonly resource?: Clause<string>;
  readonly conditions: readonly Condition[];
}

/** What an element lists, or by its `Not…` form all but that. */
export interface Clause<T> {
  readonly negated: boolean;
  readonly values: readonly T[];
}

export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';

/** One principal that a statement names; the bare `"*"` is of type `*`. */
export interface PrincipalId {
  readonly type: PrincipalType | '*';
  readonly id: string;
}

/** One operator on one key. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** The longest document that any API of AWS takes, in characters. */
const LONGEST_DOCUMENT = 131_072;

const SYNTAX_ERROR = 'Syntax errors in policy.';
const PRINCIPAL_TYPES: readonly string[] = ['AWS', 'Service', 'Federated', 'CanonicalUser'];
const POLICY_FIELDS = ['Version', 'Id', 'Statement'];
const STATEMENT_FIELDS = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
];

/** How a reader words what is wrong: role trust policies have words of their own. */
export interface Words {
  readonly json: string;
  unknownField(name: string): string;
  missingField(name: string): string;
}

const PLAIN_WORDS: Words = {
  json: SYNTAX_ERROR,
  unknownField: () => SYNTAX_ERROR,
  missingField: () => SYNTAX_ERROR,
};

type Fields = Readonly<Record<string, unknown>>;

/** Reads a document; throws PolicyError when it is not of the grammar. */
export function parsePolicy(text: string, words: Words = PLAIN_WORDS): Policy {
  const document = fieldsOf(parseJson(text, words), POLICY_FIELDS, words);
  const { Version: version = '2008-10-17', Id: id = '', Statement: statement } = document;
  if ((version !== '2008-10-17' && version !== '2012-10-17') || typeof id !== 'string') throw syntaxError();
  if (statement === undefined) throw new PolicyError(words.missingField('Statement'));
  const statements = listOf(statement);
  if (statements.length === 0) throw syntaxError();
  return { version, statements: statements.map((each) => parseStatement(each, words)) };
}

function parseStatement(value: unknown, words: Words): Statement {
  const fields = fieldsOf(value, STATEMENT_FIELDS, words);
  const { Sid: sid, Effect: effect } = fields;
  if (effect === undefined) throw new PolicyError(words.missingField('Effect'));
  if ((effect !== 'Allow' && effect !== 'Deny') || (sid !== undefined && typeof sid !== 'string')) throw syntaxError();
  const principal = clauseOf(fields, 'Principal', principalsOf);
  const action = clauseOf(fields, 'Action', stringsOf);
  const resource = clauseOf(fields, 'Resource', stringsOf);
  return {
    ...(sid !== undefined && { sid }),
    effect,
    ...(principal && { principal }),
    ...(action && { action }),
    ...(resource && { resource }),
    conditions: conditionsOf(fields.Condition ?? {}),
  };
}

function clauseOf<T>(fields: Fields, name: string, read: (value: unknown) => T[]): Clause<T> | undefined {
  const [plain, negated] = [fields[name], fields[`Not${name}`]];
  if (plain !== undefined && negated !== undefined) throw syntaxError();
  if (plain !== undefined) return { negated: false, values: read(plain) };
  if (negated !== undefined) return { negated: true, values: read(negated) };
  return undefined;
}

function principalsOf(value: unknown): PrincipalId[] {
  if (value === '*') return [{ type: '*', id: '*' }];
  return entriesOf(value).flatMap(([type, ids]) => {
    if (!PRINCIPAL_TYPES.includes(type)) throw syntaxError();
    return stringsOf(ids).map((id) => ({ type: type as PrincipalType, id }));
  });
}

function conditionsOf(value: unknown): Condition[] {
  return entriesOf(value).flatMap(([operator, keys]) =>
    entriesOf(keys).map(([key, values]) => ({ operator, key, values: listOf(values).map(conditionValueOf) })),
  );
}

/** Quotation marks are optional for numbers and booleans. */
function conditionValueOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw syntaxError();
}

function stringsOf(value: unknown): string[] {
  const values = listOf(value);
  if (!values.every((each) => typeof each === 'string')) throw syntaxError();
  return values;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw syntaxError();
  return Object.entries(value);
}

function fieldsOf(value: unknown, known: readonly string[], words: Words): Fields {
  const entries = entriesOf(value);
  const unknown = entries.find(([name]) => !known.includes(name));
  if (unknown) throw new PolicyError(words.unknownField(unknown[0]));
  return Object.fromEntries(entries);
}

function parseJson(text: string, words: Words): unknown {
  if (text.length > LONGEST_DOCUMENT) throw syntaxError();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyError(words.json);
  }
  if (repeatsAKey(text)) throw syntaxError();
  return value;
}

/** Whether an object of a JSON text has the same key twice, which JSON.parse lets pass and AWS does not. */
function repeatsAKey(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, name] of text.matchAll(/[{}]|("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined) {
      const names = open.at(-1)!;
      const key: string = JSON.parse(name);
      if (names.has(key)) return true;
      names.add(key);
    }
  }
  return false;
}

function syntaxError(): PolicyError {
  return new PolicyError(SYNTAX_ERROR);
}
