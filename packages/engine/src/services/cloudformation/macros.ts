/* Macros: functions that work on templates, by a name that templates call them by. */
import { Failure, type Handler } from './handler.ts';
import { macros } from './transforms.ts';

export const macro: Handler = {
  async create({ ctx, stack, resumed }, { Name, FunctionName }) {
    await ctx.transact((tx) => {
      if (tx.rows(macros).has(Name) && !resumed) throw new Failure(`Transform ${Name} already exists.`);
      tx.rows(macros).put(Name, { name: Name, functionName: FunctionName, stackId: stack.id });
    });
    return { physicalId: Name, attributes: {} };
  },
  async update({ ctx, stack }, { physicalId }, { Name, FunctionName }) {
    if (Name !== physicalId) throw new Failure('The name of a macro can not be changed.');
    await ctx.transact((tx) =>
      tx.rows(macros).put(Name, { name: Name, functionName: FunctionName, stackId: stack.id }),
    );
    return { physicalId, attributes: {} };
  },
  async delete({ ctx }, { physicalId }) {
    await ctx.transact((tx) => tx.rows(macros).delete(physicalId));
  },
};
