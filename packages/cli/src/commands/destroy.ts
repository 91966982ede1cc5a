/* `carillon destroy`: stacks, and all that they made, go. */
import { type Command, CommandError, UsageError } from '../options.ts';
import { paint } from '../terminal.ts';

/** The CDK's own stack, with the bucket of all apps. */
const BOOTSTRAP = 'CDKToolkit';

export const destroy: Command = {
  name: 'destroy',
  about: `Deletes stacks with all that they made, each before those whose exports it takes. What a stack is to keep (DeletionPolicy: Retain) stays.`,
  operands: 'STACK…',
  options: {
    all: { help: `All stacks, save ${BOOTSTRAP}: what apps of the CDK share stays` },
    port: { value: 'PORT', help: 'Port of the engine that is up (that of AWS_ENDPOINT_URL, else 4566)' },
    json: { help: 'Tell every event and the outcome as JSON, one object a line' },
  },
  examples: [
    ['carillon destroy shop', 'one stack'],
    ['carillon destroy --all', 'all of them'],
  ],

  async run(values, names) {
    if (names.length === 0 && !values.all) throw new UsageError('Which stack? carillon stacks lists them.');
    if (names.length > 0 && values.all) throw new UsageError('--all stands for all stacks: leave the names out.');
    const [{ clientsFor }, { checkEnding, deleteStack }, { createStackProgress }, { allStacks, inOrderOfDeletion }] =
      await Promise.all([
        import('../deploy/clients.ts'),
        import('../deploy/stack.ts'),
        import('../deploy/progress.ts'),
        import('../deploy/list.ts'),
      ]);
    const { cloudformation } = await clientsFor(values);
    const there = await allStacks(cloudformation);
    const missing = names.find((name) => !there.some(({ StackName }) => StackName === name));
    if (missing !== undefined)
      throw new CommandError(`There is no stack ${missing}: carillon stacks lists those there are.`);
    const wanted = there.filter(({ StackName, ParentId }) =>
      values.all ? !ParentId && StackName !== BOOTSTRAP : names.includes(StackName!),
    );
    for (const { StackName: name } of await inOrderOfDeletion(cloudformation, wanted)) {
      const progress = createStackProgress(name!, { json: values.json === true });
      const ending = await deleteStack(cloudformation, name!, progress);
      progress.end();
      if (ending) checkEnding(name!, ending);
      console.log(
        values.json ? JSON.stringify({ stack: name, deleted: true }) : `${paint('green', '✓')} ${name} is deleted.`,
      );
    }
    return 0;
  },
};
