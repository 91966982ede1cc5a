/* A function while it is expanded: what its parts, in their files, know of it. */
import type { JsonObject } from '../template/value.ts';
import type { SamResource } from './expansion.ts';
import type { Tagging } from './role.ts';

export interface FunctionDraft {
  readonly resource: SamResource;
  readonly id: string;
  readonly values: JsonObject;
  /** What everything made for it inherits. */
  readonly attributes: JsonObject;
  readonly tagging: Tagging;
  /** The properties of the AWS::Lambda::Function. */
  readonly made: JsonObject;
  /** The logical id of its alias. */
  readonly alias?: string;
  readonly aliasName?: string;
}
