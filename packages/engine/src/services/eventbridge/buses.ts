/* Event buses: every account has the one named default in each region. */
import { AwsError } from '../../kernel/errors.ts';

/** The name of the bus that a request means, by its name or ARN; `default` when it names none. */
export function busName(nameOrArn: string | undefined): string {
  const name = nameOrArn?.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : (nameOrArn ?? 'default');
  if (name !== 'default') throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  return name;
}
