/* What a resource of any type is to a stack: made, changed and removed, with a physical id and attributes. */
import type { Properties, ResourceInstance, WaitingContext } from '../../kernel/service.ts';
import type { Stack } from './stack.ts';
import type { WaitFor } from './walk.ts';

/** What surrounds one resource while a stack works on it. */
export interface Step {
  readonly ctx: WaitingContext;
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  /** The same whenever the same thing is tried again. */
  readonly clientToken: string;
  /** Whether it was begun before, and cut short. */
  readonly resumed: boolean;
  /** When it was begun, epoch milliseconds. */
  readonly begunAt: number;
  readonly waitFor: WaitFor;
}

export interface Outcome {
  readonly physicalId: string;
  readonly attributes: Properties;
}

export interface Handler {
  create(step: Step, properties: Properties): Promise<Outcome>;
  update(step: Step, resource: ResourceInstance, properties: Properties): Promise<Outcome>;
  delete(step: Step, resource: ResourceInstance): Promise<void>;
}

/** Why a resource could not be made, changed or removed: what its event tells. */
export class Failure extends Error {
  /** Where something was made all the same, which has to be removed. */
  readonly physicalId: string | undefined;

  constructor(reason: string, physicalId?: string) {
    super(reason);
    this.physicalId = physicalId;
  }
}
