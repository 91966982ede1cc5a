/* `carillon stacks`: which stacks there are, and what is in one. */
import { type Command, CommandError, UsageError } from '../options.ts';
import { paint } from '../terminal.ts';

export const stacks: Command = {
  name: 'stacks',
  about: 'Lists the stacks that there are; with a name, the resources and outputs of one.',
  operands: '[STACK]',
  options: {
    port: { value: 'PORT', help: 'Port of the engine that is up (that of AWS_ENDPOINT_URL, else 4566)' },
    json: { help: 'Print it as JSON' },
  },
  examples: [
    ['carillon stacks', 'all of them'],
    ['carillon stacks shop', 'what is in one'],
  ],

  async run(values, [name, ...more]) {
    if (more.length > 0) throw new UsageError(`One stack at a time, not ${more[0]} too.`);
    const [{ clientsFor }, { describeStack }, { allStacks, resourcesOf }] = await Promise.all([
      import('../deploy/clients.ts'),
      import('../deploy/stack.ts'),
      import('../deploy/list.ts'),
    ]);
    const { cloudformation } = await clientsFor(values);
    if (name === undefined) {
      const all = (await allStacks(cloudformation)).map((stack) => ({
        name: stack.StackName!,
        status: stack.StackStatus!,
        changed: (stack.LastUpdatedTime ?? stack.CreationTime)!.toISOString(),
        ...(stack.StackStatusReason && { reason: stack.StackStatusReason }),
      }));
      if (values.json) console.log(JSON.stringify(all, undefined, 2));
      else if (all.length === 0) console.log('There is no stack yet: carillon deploy makes one.');
      else table(all.map((stack) => [stack.name, status(stack.status), stack.changed, stack.reason ?? '']));
      return 0;
    }
    const stack = await describeStack(cloudformation, name);
    if (!stack) throw new CommandError(`There is no stack ${name}: carillon stacks lists those there are.`);
    const resources = await resourcesOf(cloudformation, name);
    const outputs = stack.Outputs ?? [];
    if (values.json) {
      console.log(JSON.stringify({ stack, resources }, undefined, 2));
      return 0;
    }
    console.log(`${paint('bold', name)}  ${status(stack.StackStatus!)}`);
    table(
      resources.map((each) => [
        each.LogicalResourceId!,
        each.ResourceType!,
        status(each.ResourceStatus!),
        each.PhysicalResourceId ?? '',
      ]),
    );
    if (outputs.length > 0) console.log();
    table(outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, paint('cyan', OutputValue ?? '')]));
    return 0;
  },
};

function status(text: string): string {
  const style = /FAILED|ROLLBACK/.test(text) ? 'red' : text.endsWith('_IN_PROGRESS') ? 'yellow' : 'green';
  return paint(style, text);
}

function table(rows: readonly (readonly string[])[]): void {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, n) => Math.max(most[n] ?? 0, cell.length)), []);
  for (const row of rows)
    console.log(
      `  ${row
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join('  ')
        .trimEnd()}`,
    );
}
