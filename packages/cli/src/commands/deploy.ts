/* `carillon deploy`: a template or a CDK app becomes stacks of the engine that is up. */
import { type Command, textsOf, UsageError, type Values } from '../options.ts';
import { paint } from '../terminal.ts';

export const deploy: Command = {
  name: 'deploy',
  about: `Deploys a CloudFormation or SAM template, or the stacks of a CDK app, to the engine that is up.

APP|TEMPLATE is a template's file, a folder with a template.yaml, a folder with a cdk.json (whose app is run), or a
cloud assembly (cdk.out); the folder at hand when absent. Code and other files that a template names by a local path
are uploaded. What fails is told with the resource at fault, and the stack is rolled back.`,
  operands: '[APP|TEMPLATE]',
  options: {
    stack: { value: 'NAME', multiple: true, help: "The stack's name; of an app, the stacks that are wanted (all)" },
    parameter: { value: 'KEY=VALUE', multiple: true, help: 'A parameter of the template' },
    port: { value: 'PORT', help: 'Port of the engine that is up (that of AWS_ENDPOINT_URL, else 4566)' },
    json: { help: 'Tell every event and the outcome as JSON, one object a line' },
  },
  examples: [
    ['carillon deploy template.yaml', 'as the stack that is called like its folder'],
    ['carillon deploy shop.yaml --stack shop --parameter Stage=dev', 'with a name and a parameter'],
    ['carillon deploy', 'the CDK app, or the template, of this folder'],
    ['carillon deploy cdk.out --stack Orders', 'one stack of an app that was synthesised before'],
  ],

  async run(values, [operand = '.', ...more]) {
    if (more.length > 0) throw new UsageError(`One app or template at a time, not ${more[0]} too.`);
    const [{ plan }, { checkEnding, deployStack }, { createStackProgress }] = await Promise.all([
      import('../deploy/plan.ts'),
      import('../deploy/stack.ts'),
      import('../deploy/progress.ts'),
    ]);
    const json = values.json === true;
    const stacks = textsOf(values, 'stack');
    const steps = await plan(operand, { values, stacks, parameters: parametersOf(values) });
    for (const { name, clients, prepare } of steps) {
      const progress = createStackProgress(name, { json });
      const stack = await prepare(createStackProgress('CDKToolkit', { json }));
      const ending = await deployStack(clients.cloudformation, stack, progress);
      progress.end();
      if (ending) checkEnding(name, ending);
      tell(name, ending?.stack?.Outputs ?? [], { json, changed: ending !== undefined });
    }
    return 0;
  },
};

function parametersOf(values: Values): Record<string, string> {
  return Object.fromEntries(
    textsOf(values, 'parameter').map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`A parameter is written KEY=VALUE, not ${text}.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

interface Output {
  readonly OutputKey?: string | undefined;
  readonly OutputValue?: string | undefined;
}

function tell(name: string, outputs: readonly Output[], { json, changed }: { json: boolean; changed: boolean }): void {
  const values = Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue]));
  if (json) {
    console.log(JSON.stringify({ stack: name, changed, outputs: values }));
    return;
  }
  console.log(`${paint('green', '✓')} ${name} ${changed ? 'is deployed.' : 'is as it was: nothing to change.'}`);
  const width = Math.max(0, ...Object.keys(values).map((key) => key.length));
  for (const [key, value] of Object.entries(values))
    console.log(`  ${key.padEnd(width)}  ${paint('cyan', value ?? '')}`);
}
