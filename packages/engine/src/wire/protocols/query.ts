/*
 * awsQuery: a form with `Action`, `Version` and the input's members as dotted names (`Tags.member.1.Key`),
 * answered in XML. The names are first grown into a tree, which the shapes then walk.
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Member, Operation, ServiceModel, Shape } from '../model.ts';
import { errorShape, errorStatus, MAX_DEPTH, type Protocol, type Reply, type WireRequest } from '../protocol.ts';
import { readText } from './text.ts';
import { setOwn } from './tree-codec.ts';
import { escapeText, writeContents } from './xml-codec.ts';

/** The most parameters in one form. */
const MAX_PARAMETERS = 50_000;

const forms = new WeakMap<WireRequest, URLSearchParams>();

/** A form's parameters: of the query string, and of the body. Throws AwsError for too many. */
export function formOf(request: WireRequest): URLSearchParams {
  const known = forms.get(request);
  if (known) return known;
  const text = [request.query, request.body.toString('utf8')].filter(Boolean).join('&');
  const form = new URLSearchParams(text);
  if (form.size > MAX_PARAMETERS) throw malformed(`There are more than ${MAX_PARAMETERS} parameters.`);
  forms.set(request, form);
  return form;
}

interface Branch {
  text?: string;
  children?: Map<string, Branch>;
}

function treeOf(form: URLSearchParams): Branch {
  const root: Branch = {};
  for (const [name, text] of form) {
    let branch = root;
    const parts = name.split('.', MAX_DEPTH + 1);
    if (parts.length > MAX_DEPTH) throw malformed(`A parameter's name has more than ${MAX_DEPTH} parts.`);
    for (const part of parts) {
      branch.children ??= new Map();
      let child = branch.children.get(part);
      if (!child) {
        child = {};
        branch.children.set(part, child);
      }
      branch = child;
    }
    branch.text = text;
  }
  return root;
}

function decode({ input }: Operation, request: WireRequest): unknown {
  const tree = treeOf(formOf(request));
  try {
    return withQueueOf(request, input, readStructure(input, tree));
  } catch (error) {
    throw error instanceof SyntaxError ? malformed(error.message) : error;
  }
}

/** SQS's own older form: a request may go to the queue's URL in place of naming it in a parameter. */
function withQueueOf({ path }: WireRequest, { members }: Shape, input: Record<string, unknown>): unknown {
  if (path === '/' || 'QueueUrl' in input || !members.some(({ name }) => name === 'QueueUrl')) return input;
  return { ...input, QueueUrl: path };
}

function readBranch(shape: Shape, branch: Branch): unknown {
  if (shape.kind === 'structure' || shape.kind === 'union') return readStructure(shape, branch);
  if (shape.kind === 'list') return readList(shape, branch.children?.get(shape.value.traits.xmlName ?? 'member'));
  if (shape.kind === 'map') return readMap(shape, branch.children?.get('entry'));
  return readText(shape, branch.text ?? '');
}

function readStructure(shape: Shape, branch: Branch): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const child = branch.children?.get(member.traits.xmlName ?? member.name);
    if (child) result[member.name] = readMember(member, child);
  }
  return result;
}

function readMember({ shape, traits }: Member, branch: Branch): unknown {
  if (traits.xmlFlattened && shape.kind === 'list') return readList(shape, branch);
  if (traits.xmlFlattened && shape.kind === 'map') return readMap(shape, branch);
  return readBranch(shape, branch);
}

/** Items in the order of their numbers, whatever those are; no items for the `Name=` of an empty list. */
function itemsOf(branch: Branch | undefined): Branch[] {
  return [...(branch?.children ?? [])]
    .filter(([position]) => /^\d+$/.test(position))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function readList(shape: Shape, branch: Branch | undefined): unknown[] {
  return itemsOf(branch).map((item) => readBranch(shape.value.shape, item));
}

function readMap({ key, value }: Shape, branch: Branch | undefined): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { children } of itemsOf(branch)) {
    const name = children?.get(key.traits.xmlName ?? 'key')?.text;
    const item = children?.get(value.traits.xmlName ?? 'value');
    if (name !== undefined && item) setOwn(result, name, readBranch(value.shape, item));
  }
  return result;
}

function replyOf(status: number, body: string, requestId: string): Reply {
  return { status, headers: { 'x-amzn-RequestId': requestId, 'content-type': 'text/xml' }, body };
}

function encode({ xmlNamespace }: ServiceModel, operation: Operation, output: unknown, requestId: string): Reply {
  const { name, output: shape } = operation;
  const result = shape.kind === 'unit' ? '' : `<${name}Result>${writeContents(shape, output ?? {})}</${name}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return replyOf(200, `<${name}Response xmlns="${xmlNamespace}">${result}${metadata}</${name}Response>`, requestId);
}

function encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply {
  const shape = errorShape(model, error);
  const [code, modelled] = shape?.traits.awsQueryError ?? [shape?.name ?? error.code, undefined];
  const namespace = model?.xmlNamespace === undefined ? '' : ` xmlns="${model.xmlNamespace}"`;
  const members = shape ? writeContents(shape, error.members) : '';
  const type = `<Type>${error.fault}</Type><Code>${escapeText(code)}</Code>`;
  const details = `<Error>${type}<Message>${escapeText(error.message)}</Message>${members}</Error>`;
  const body = `<ErrorResponse${namespace}>${details}<RequestId>${requestId}</RequestId></ErrorResponse>`;
  return replyOf(modelled ?? errorStatus(shape, error), body, requestId);
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedInput', message);
}

function unknownOperation(name: string, version: string | undefined): AwsError {
  return new AwsError(
    'InvalidAction',
    `Could not find operation ${name} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
  );
}

export const query: Protocol = { name: 'awsQuery', decode, encode, encodeError, unknownOperation };
