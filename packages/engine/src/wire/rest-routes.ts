/*
 * Which operation a REST request names: its method and path against the templates of the service's operations.
 * Templates are compiled once for each service. S3 tells operations apart by query parameters and headers as
 * well, so of all that fit the one that asks for most wins.
 */
import { AwsError } from '../kernel/errors.ts';
import type { Operation, ServiceModel } from './model.ts';
import type { Labels } from './protocol.ts';

/** The part of a request that routing looks at. */
export interface Head {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface RestMatch {
  readonly operation: Operation;
  readonly labels: Labels;
}

interface Template {
  readonly operation: Operation;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Parameters that have to be there, with their value where it matters. */
  readonly parameters: readonly (readonly [name: string, value?: string])[];
  readonly headers: readonly string[];
  /** How much the template asks for: the greater wins. */
  readonly weight: number;
}

const compiled = new WeakMap<ServiceModel, ReadonlyMap<string, readonly Template[]>>();

/** The operation of a service that a request names, if any. Throws AwsError for labels that are no UTF-8. */
export function matchRest(model: ServiceModel, head: Head): RestMatch | undefined {
  let templates = compiled.get(model);
  if (!templates) {
    templates = compile(model);
    compiled.set(model, templates);
  }
  let parameters: URLSearchParams | undefined;
  for (const template of templates.get(head.method) ?? []) {
    const match = template.path.exec(head.path);
    if (!match) continue;
    parameters ??= new URLSearchParams(head.query);
    if (!satisfies(template, parameters, head)) continue;
    const labels = Object.fromEntries(template.labels.map((name, i) => [name, decodeLabel(match[i + 1]!)]));
    return { operation: template.operation, labels };
  }
  return undefined;
}

function satisfies({ parameters, headers }: Template, given: URLSearchParams, head: Head): boolean {
  return (
    parameters.every(([name, value]) => (value === undefined ? given.has(name) : given.get(name) === value)) &&
    headers.every((name) => head.headers[name] !== undefined)
  );
}

function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('SerializationException', 'The path is not valid percent-encoded UTF-8.');
  }
}

/** Templates by method, those that ask for most first. */
function compile(model: ServiceModel): Map<string, Template[]> {
  const byMethod = new Map<string, Template[]>();
  for (const operation of model.operations.values()) {
    if (!operation.http) continue;
    const [method, uri] = operation.http;
    const templates = byMethod.get(method) ?? [];
    templates.push(templateOf(operation, uri));
    byMethod.set(method, templates);
  }
  for (const templates of byMethod.values()) templates.sort((a, b) => b.weight - a.weight);
  return byMethod;
}

/** What a literal in the path weighs against parameters and headers, of which no operation has as many. */
const LITERAL = 100;

function templateOf(operation: Operation, uri: string): Template {
  const [path = '', search = ''] = uri.split('?');
  const members = operation.input.members;
  const required = members.filter((member) => member.required);
  // A label that the path lacks leads it: the SDK leaves S3's bucket to the endpoint.
  const missing = members.filter(
    ({ name, traits }) => traits.httpLabel && !path.includes(`{${name}}`) && !path.includes(`{${name}+}`),
  );
  const segments = [...missing.map(({ name }) => `{${name}}`), ...path.split('/').filter(Boolean)];
  const labels: string[] = [];
  const source = segments.map((segment) => {
    const label = /^\{(\w+)(\+?)\}$/.exec(segment);
    if (!label) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    labels.push(label[1]!);
    return label[2] ? '(.+)' : '([^/]+)';
  });
  const parameters = [
    // `x-id` only repeats the operation's name, and not every client sends it.
    ...[...new URLSearchParams(search)]
      .filter(([name]) => name !== 'x-id')
      .map(([name, value]) => (value ? [name, value] : [name])),
    ...required.flatMap(({ traits }) => (traits.httpQuery === undefined ? [] : [[traits.httpQuery]])),
  ] as [string, string?][];
  const headers = required.flatMap(({ traits }) => traits.httpHeader?.toLowerCase() ?? []);
  return {
    operation,
    path: new RegExp(`^/${source.join('/')}${source.at(-1) === '(.+)' ? '' : '/?'}$`, 's'),
    labels,
    parameters,
    headers,
    weight: (segments.length - labels.length) * LITERAL + parameters.length + headers.length,
  };
}
