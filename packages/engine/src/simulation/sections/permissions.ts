/*
 * Permissions: what went well here and AWS would have refused, as the engine noted it.
 */
import type { Finding, Section } from '../section.ts';

export interface PermissionReport {
  /** Who asked: a resource on whose behalf a service acts, a role session or a user. */
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
  /** The statement that is missing, and where; null where one denies. */
  readonly missing: { readonly where: string; readonly statement: object } | null;
}

interface Noted extends Omit<PermissionReport, 'subject' | 'missing'> {
  readonly where?: string;
  readonly statement?: object;
  readonly remedy?: string;
}

/** What was let pass, once for each subject, action and resource. */
export const permissions: Section<readonly PermissionReport[]> = () => {
  const data: PermissionReport[] = [];
  const findings: Finding[] = [];
  return {
    hear({ kind, subject, detail }) {
      if (kind !== 'permission') return;
      const { action, resource, where, statement, remedy } = detail as unknown as Noted;
      const missing = where !== undefined && statement ? { where, statement } : null;
      data.push({ subject, action, resource, missing });
      findings.push({
        about: subject,
        text: `${short(subject)} may not ${action} on ${short(resource)}: AWS would refuse it.`,
        ...(remedy !== undefined && { remedy }),
        ...(remedy === undefined && missing && { remedy: `put into ${where}: ${JSON.stringify(statement)}` }),
      });
    },
    tell: () => ({ data, findings }),
  };
};

/** An ARN without its account: `rule/warmer`, `function:hello`. */
function short(arn: string): string {
  return arn.split(':').slice(5).join(':') || arn;
}
