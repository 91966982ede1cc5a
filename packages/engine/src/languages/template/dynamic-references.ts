/*
 * Dynamic references: `{{resolve:ssm:name:version}}`, `{{resolve:ssm-secure:…}}` and `{{resolve:secretsmanager:…}}`
 * within a text, which stand for what Parameter Store and Secrets Manager hold. They are found in what a value resolved
 * to, since functions may have put them together; whoever has looked them up then puts them in.
 *
 * AWS: "Get values stored in other services using dynamic references",
 * AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
import { TemplateError } from './error.ts';
import { MAX_DYNAMIC_REFERENCES } from './limits.ts';
import { isList, setMember, type Value } from './value.ts';

export type DynamicReference =
  | {
      readonly service: 'ssm' | 'ssm-secure';
      /** As it stands, by which its value is put in. */
      readonly text: string;
      readonly name: string;
      /** The latest when absent. */
      readonly version?: string;
    }
  | {
      readonly service: 'secretsmanager';
      readonly text: string;
      /** A secret's name or ARN. */
      readonly secretId: string;
      /** A member of the secret, which is JSON then; the whole secret when absent. */
      readonly jsonKey?: string;
      readonly versionStage?: string;
      readonly versionId?: string;
    };

const REFERENCE = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]*)\}\}/g;

/** The dynamic references in a resolved value, each once. Throws TemplateError on a malformed one, and on too many. */
export function dynamicReferences(value: Value): DynamicReference[] {
  const found = new Map<string, DynamicReference>();
  visitTexts(value, (text) => {
    for (const [whole, service, rest] of text.matchAll(REFERENCE)) {
      if (!found.has(whole)) found.set(whole, read(service as DynamicReference['service'], rest!, whole));
    }
  });
  if (found.size > MAX_DYNAMIC_REFERENCES) {
    throw new TemplateError(`Template error: there are more than ${MAX_DYNAMIC_REFERENCES} dynamic references.`);
  }
  return [...found.values()];
}

function visitTexts(value: Value, visit: (text: string) => void): void {
  if (typeof value === 'string') {
    if (value.includes('{{resolve:')) visit(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const name in value) visitTexts((value as Record<string, Value>)[name]!, visit);
  }
}

function read(service: DynamicReference['service'], rest: string, text: string): DynamicReference {
  return service === 'secretsmanager' ? readSecret(rest, text) : readParameter(service, rest, text);
}

function readParameter(service: 'ssm' | 'ssm-secure', rest: string, text: string): DynamicReference {
  const [, name, version] = /^([\w.\-/]+)(?::(\d+))?$/.exec(rest) ?? [];
  if (name === undefined) {
    throw new TemplateError(`Incorrect format is used in the following SSM reference: [${text}]`);
  }
  return { service, text, name, ...(version !== undefined && { version }) };
}

/** `secret-id:secret-string:json-key:version-stage:version-id`, of which all but the first may be left out. */
function readSecret(rest: string, text: string): DynamicReference {
  const [, secretId, parts = ''] =
    /^(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::(.*))?$/s.exec(rest) ?? [];
  const [secretString = '', jsonKey = '', versionStage = '', versionId = '', ...more] = parts.split(':');
  const malformed = secretId === undefined || !['', 'SecretString'].includes(secretString) || more.length > 0;
  if (malformed || (versionStage !== '' && versionId !== '')) {
    throw new TemplateError(`Incorrect format is used in the following Secrets Manager reference: [${text}]`);
  }
  return {
    service: 'secretsmanager',
    text,
    secretId,
    ...(jsonKey !== '' && { jsonKey }),
    ...(versionStage !== '' && { versionStage }),
    ...(versionId !== '' && { versionId }),
  };
}

/** A resolved value with what its dynamic references stand for, given by their texts; the rest stay as they are. */
export function putDynamicReferences<T extends Value>(value: T, values: ReadonlyMap<string, string>): T {
  return (values.size === 0 ? value : put(value, values)) as T;
}

function put(value: Value, values: ReadonlyMap<string, string>): Value {
  if (typeof value === 'string') return value.replace(REFERENCE, (text) => values.get(text) ?? text);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => put(item, values));
  const object: Record<string, Value> = {};
  for (const name in value) setMember(object, name, put((value as Record<string, Value>)[name]!, values));
  return object;
}
