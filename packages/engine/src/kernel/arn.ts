/* Amazon Resource Names: taken apart and put together. */

/** The account and region that a call acts in. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** All after the fifth colon, e.g. `function:ring` or `rule/bus/name`. */
  resource: string;
}

/** The parts of an ARN, or undefined when the text is none. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws)?:(.+)$/s.exec(text);
  if (!match) return undefined;
  const [, partition, service, region, account = '', resource] = match;
  return { partition: partition!, service: service!, region: region!, account, resource: resource! };
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

/** `arn:aws:<service>:<region>:<account>:<resource>`. */
export function formatArn(service: string, scope: { region: string; account: string }, resource: string): string {
  return `arn:${partitionOf(scope.region)}:${service}:${scope.region}:${scope.account}:${resource}`;
}

/** `function` of `function:ring`, `event-bus` of `event-bus/default`, `''` of a bare name. */
export function resourceType({ resource }: Arn): string {
  return /^([^:/]+)[:/]/.exec(resource)?.[1] ?? '';
}
