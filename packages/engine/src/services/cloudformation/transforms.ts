/*
 * What works on a template before it is a stack's: AWS's own transforms, and macros, which are functions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html
 */
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { expandSam, SAM_TRANSFORM } from '../../languages/sam/index.ts';
import {
  afterTransform,
  expandLanguageExtensions,
  includeSnippet,
  type JsonObject,
  LANGUAGE_EXTENSIONS,
  MAX_TEMPLATE_BYTES,
  nextTransform,
  readMacroResponse,
  readTemplate,
  type StackInputs,
  TemplateError,
  type TransformCall,
  type Value,
} from '../../languages/template/index.ts';
import { readObject } from './template-body.ts';

/** What a transform makes of its fragment. */
type Transform = (ctx: WaitingContext, call: TransformCall, around: Around) => Promise<Value>;

interface Around {
  /** The whole template, as it is so far. */
  readonly document: JsonObject;
  readonly inputs: StackInputs;
}

/** AWS's own, by their names. */
const TRANSFORMS: Readonly<Record<string, Transform>> = {
  [LANGUAGE_EXTENSIONS]: async (_ctx, _call, { document, inputs }) =>
    expandLanguageExtensions(readTemplate(document), inputs),
  [SAM_TRANSFORM]: async (_ctx, { fragment }, { inputs }) =>
    expandSam(fragment, { ...inputs, parameters: referencesOf(inputs) }),
  'AWS::Include': async (ctx, { parameters, fragment }) => {
    if (typeof parameters.Location !== 'string') {
      throw new TemplateError('Transform AWS::Include failed with: The location parameter is not valid.');
    }
    return includeSnippet(fragment, await readObject(ctx, parameters.Location, MAX_TEMPLATE_BYTES));
  },
};

/** What `Ref` gives of each parameter. */
const referencesOf = ({ parameters }: StackInputs): JsonObject =>
  Object.fromEntries([...parameters].map(([name, { reference }]) => [name, reference]));

/** A macro, by its name: which function it is. */
export interface Macro {
  readonly name: string;
  readonly functionName: string;
  readonly stackId: string;
}

export const macros = table<Macro>('cloudformation.macros');

/** So many transforms work on one template; each may call for others. */
const MOST_TRANSFORMS = 100;

export interface Transformed {
  readonly document: JsonObject;
  /** Whether AWS::LanguageExtensions worked on it. */
  readonly extended: boolean;
}

/** Lets all of a template's transforms work on it. Throws TemplateError when one fails. */
export async function transform(ctx: WaitingContext, given: JsonObject, inputs: StackInputs): Promise<Transformed> {
  let document = given;
  let extended = false;
  for (let count = 0; count < MOST_TRANSFORMS; count++) {
    const call = nextTransform(document);
    if (!call) return { document, extended };
    const own = Object.hasOwn(TRANSFORMS, call.name) ? TRANSFORMS[call.name]! : runMacro;
    document = afterTransform(document, call, await own(ctx, call, { document, inputs }));
    extended ||= call.name === LANGUAGE_EXTENSIONS;
  }
  throw new TemplateError(`Template error: more than ${MOST_TRANSFORMS} transforms.`);
}

const runMacro: Transform = async (ctx, call, { inputs }) => {
  const { account, region } = ctx.scope;
  const macro = await ctx.transact((tx: Context) => tx.rows(macros).get(call.name));
  if (!macro) throw new TemplateError(`No transform named ${account}::${call.name} found.`);
  const requestId = ctx.ids.uuid();
  const request = {
    region,
    accountId: account,
    fragment: call.fragment,
    transformId: `${account}::${call.name}`,
    params: call.parameters,
    requestId,
    templateParameterValues: referencesOf(inputs),
  };
  const { Payload, FunctionError } = await ctx.call(
    'lambda',
    'Invoke',
    { FunctionName: macro.functionName, Payload: Buffer.from(JSON.stringify(request)) },
    { caller: { principal: 'cloudformation.amazonaws.com', sourceArn: macro.stackId } },
  );
  const name = `${account}::${call.name}`;
  if (FunctionError) throw new TemplateError(`Received malformed response from transform ${name}`);
  return readMacroResponse(JSON.parse(Buffer.from(Payload ?? []).toString() || 'null'), { name, requestId });
};
