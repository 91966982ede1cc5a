/** A target's Input, InputPath or InputTransformer that cannot be used; the message is in the words of PutTargets. */
export class InputError extends Error {
  override name = 'InputError';
}
