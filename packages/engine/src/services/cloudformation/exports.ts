/*
 * Outputs that stacks export for others of their account and region.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
import type {
  ListExportsInput,
  ListExportsOutput,
  ListImportsInput,
  ListImportsOutput,
} from '@aws-sdk/client-cloudformation';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalid } from './errors.ts';
import { type Stack, type StackOutput, stacks } from './stack.ts';

interface Export {
  readonly value: string;
  readonly stackId: string;
}

/** By their names. */
const exported = table<Export>('cloudformation.exports');

const PAGE = 100;

/** All exports, by their names. */
export function exportsIn(ctx: Context): ReadonlyMap<string, Export> {
  return new Map(ctx.rows(exported).list());
}

/** The live stacks that import a name. */
function importersOf(ctx: Context, name: string): string[] {
  const importing = ([, { status, design, operation }]: [string, Stack]) =>
    status !== 'DELETE_COMPLETE' && [design, operation?.target].some((used) => used?.imports.includes(name));
  return ctx
    .rows(stacks)
    .list()
    .filter(importing)
    .map(([, stack]) => stack.name);
}

/** Why a stack can't get these outputs, in AWS's words; undefined when it can, and then it exports them. */
export function putExports(ctx: Context, stack: Stack, outputs: readonly StackOutput[]): string | undefined {
  const rows = ctx.rows(exported);
  const names = new Map(
    outputs.flatMap(({ ExportName, OutputValue }) => (ExportName ? [[ExportName, OutputValue]] : [])),
  );
  const taken = [...names.keys()].find((name) => (rows.get(name)?.stackId ?? stack.id) !== stack.id);
  if (taken !== undefined) {
    const owner = rows.get(taken)!.stackId.split('/')[1];
    return `Export with name ${taken} is already exported by stack ${owner}`;
  }
  const held = stack.outputs.flatMap(({ ExportName }) => ExportName ?? []);
  for (const name of new Set([...held, ...names.keys()])) {
    const before = rows.get(name);
    if (!before || before.value === names.get(name)) continue;
    const [user] = importersOf(ctx, name);
    const what = names.has(name) ? 'updated' : 'deleted';
    if (user !== undefined) return `Export ${name} cannot be ${what} as it is in use by ${user}`;
  }
  for (const name of held) if (!names.has(name)) rows.delete(name);
  for (const [name, value] of names) rows.put(name, { value, stackId: stack.id });
  return undefined;
}

export function listExports(ctx: Context, input: ListExportsInput): ListExportsOutput {
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(exported).list({ limit, ...(after !== undefined && { after }) }),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return {
    Exports: items.map(([Name, { value, stackId }]) => ({ ExportingStackId: stackId, Name, Value: value })),
    ...(nextToken && { NextToken: nextToken }),
  };
}

export function listImports(ctx: Context, { ExportName }: ListImportsInput): ListImportsOutput {
  const Imports = importersOf(ctx, ExportName!);
  if (Imports.length === 0) throw invalid(`Export '${ExportName}' is not imported by any stack.`);
  return { Imports };
}
