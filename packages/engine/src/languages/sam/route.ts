/* A route of an API, as an event of type Api or HttpApi asks for it. */
import type { Value } from '../template/value.ts';

export interface Route {
  readonly path: string;
  /** In lower case; API Gateway's own name for any. */
  readonly method: string;
  readonly operation: Value;
  /** Where the function is made that it calls. */
  readonly condition: Value | undefined;
}
