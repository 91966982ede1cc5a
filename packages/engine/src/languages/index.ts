/*
 * The small languages of AWS that tools beside the engine read too, without the engine: `@carillon/engine/languages`.
 */
export {
  type AlternativeExplanation,
  EventError,
  type EventPattern,
  EventPatternError,
  type Explanation,
  explain,
  type FieldExplanation,
  parsePattern,
  type Reason,
} from './event-pattern/index.ts';
export {
  type CompiledInput,
  compileInput,
  InputError,
  type InputEvent,
  type RuleFacts,
  render,
  type TargetInput,
} from './input-transformer/index.ts';
export { readDocument, TemplateError } from './template/index.ts';
