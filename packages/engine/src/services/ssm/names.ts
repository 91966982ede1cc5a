/*
 * Names of parameters: what one may be, how it stands in a hierarchy, and how a request names a version of one.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */

import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import { invalid, noPublicParameter } from './errors.ts';

/** Characters of a name, with the part of its ARN that stands before it. */
const LONGEST = 1_011;
const MOST_LEVELS = 15;
const SEGMENTS = /^\/?[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/;

/** What a request names: a parameter, and one of its versions where it says so. */
export interface Reference {
  readonly name: string;
  /** A version's number or label, without its colon. */
  readonly selector?: string;
}

/** Throws AWS's error for what cannot be the name of a new parameter. */
export function checkName(scope: Scope, name: string): void {
  const bare = name.replace(/^\//, '');
  if (/^aws/i.test(bare)) throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^ssm/i.test(bare) || !SEGMENTS.test(name)) {
    throw invalid(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (bare.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (bare.split('/').length > MOST_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MOST_LEVELS} levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.`,
    );
  }
  const spare = LONGEST - arnOf(scope, '/').length;
  if (bare.length > spare) throw invalid(`Parameter name: can't be longer than ${spare} characters.`);
}

/** Reads `name`, `name:version`, `name:label`, and the same as an ARN. Throws AWS's error for AWS's own parameters. */
export function readReference(scope: Scope, text: string, has: (name: string) => boolean): Reference {
  const resource = resourceOf(scope, text);
  const [name = '', selector] = (resource ?? text).split(':');
  if (/^\/aws\//i.test(name)) throw noPublicParameter(name);
  const known = resource === undefined || !has(name.slice(1)) ? name : name.slice(1);
  return { name: known, ...(selector && { selector }) };
}

/** The name in an ARN of this account and region, with a slash before it; undefined for any other text. */
function resourceOf(scope: Scope, text: string): string | undefined {
  const arn = parseArn(text);
  if (arn?.service !== 'ssm' || arn.account !== scope.account || arn.region !== scope.region) return undefined;
  return /^parameter(\/.+)$/s.exec(arn.resource)?.[1];
}

/** A name without its slash has an ARN like that of a name with it. */
export function arnOf(scope: Scope, name: string): string {
  return formatArn('ssm', scope, `parameter/${name.replace(/^\//, '')}`);
}

/** Throws AWS's error for what is not a path of parameters. */
export function checkPath(path: string): void {
  if (path === '/' || (path.startsWith('/') && SEGMENTS.test(path.replace(/\/$/, '')) && !/^\/(aws|ssm)/i.test(path))) {
    return;
  }
  throw invalid(
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );
}

/** Whether a name lies below a path: directly, or anywhere. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const full = name.startsWith('/') ? name : `/${name}`;
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return full.startsWith(prefix) && (recursive || !full.slice(prefix.length).includes('/'));
}
