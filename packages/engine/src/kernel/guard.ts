/*
 * Who may do what. AWS asks policies before it does anything; here the user chooses what comes of a refusal: it is
 * not asked for (`off`), it is reported once with the statement that is missing and let pass (`warn`), or it stands
 * (`enforce`).
 *
 * Whoever has no identity that the engine gave out is taken as the account's root user, who may do everything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import {
  type Evaluation,
  evaluatePolicies,
  type NamedPolicy,
  PolicyError,
  type Principal,
  parsePolicy,
  type Request,
} from '../languages/iam-policy/index.ts';
import type { AccessRules, Caller, HeldPolicies, Identity, NamedDocument, ResourcePolicy, Trust } from './access.ts';
import { type Arn, parseArn, resourceType, type Scope } from './arn.ts';
import { isoSeconds } from './clock.ts';
import { AwsError } from './errors.ts';
import type { Call, Delivery, Host, Note, ServiceDefinition } from './service.ts';
import type { TableReader } from './state/table.ts';

/** What comes of what AWS would refuse. */
export type PermissionMode = 'off' | 'warn' | 'enforce';

export interface GuardOptions {
  readonly mode: PermissionMode;
  readonly services: readonly ServiceDefinition[];
  readonly host: Pick<Host, 'clock' | 'warn'>;
  /** Reads what was committed. */
  read(scope: Scope): TableReader;
}

/** Writes into the journal what was let pass. */
type Noting = (note: Note) => void;

export interface Guard {
  /** Throws the error of a call that its caller may not make. */
  call(call: Call, note: Noting): void;
  /** Throws AccessDeniedException for a delivery that its sender may not make. */
  delivery(delivery: Delivery, arn: Arn, scope: Scope, note: Noting): void;
}

/** How many verdicts are remembered. */
const MOST_VERDICTS = 10_000;
/** How many refusals are told of. */
const MOST_REPORTS = 10_000;

/** Someone who asks to do something, with all that can allow it. */
interface Asker {
  readonly principal: Principal;
  readonly account: string;
  /** The resource on whose behalf a service asks. */
  readonly sourceArn?: string;
  readonly identity?: HeldPolicies;
  readonly sessionPolicy?: string;
  /** What is to be known of the way on which it comes. */
  readonly conditions?: Caller['conditions'];
}

/** Whoever did not sign; only statements for all apply. */
const NOBODY: Principal = { type: 'AWS', id: 'anonymous' };

interface Question {
  readonly asker: Asker;
  readonly action: string;
  /** The action as refusals spell it. */
  readonly said: string;
  readonly resource: string;
  /** The resource as a statement that allows it should name it. */
  readonly broad: string;
  readonly scope: Scope;
  readonly policy: ResourcePolicy | undefined;
}

/** Why something is refused, and what would allow it. */
interface Refusal {
  /** As AWS ends its message: `because no identity-based policy allows the sqs:SendMessage action`. */
  readonly why: string;
  /** Where a statement is missing, and the statement; absent where one denies. */
  readonly missing?: { readonly where: string; readonly statement: object };
}

interface Verdict {
  readonly records: readonly (object | undefined)[];
  readonly refusal: Refusal | undefined;
}

/** Answers no guard at all where nothing is asked for. */
export function createGuard({ mode, services, host, read }: GuardOptions): Guard | undefined {
  if (mode === 'off') return undefined;
  const rulesOf = new Map(services.map(({ name, access }) => [name as string, access]));
  const rulesByArnName = new Map(services.map(({ arnName, access }) => [arnName, access]));
  const holders = services.filter(({ policiesHeldBy }) => policiesHeldBy);
  const issuers = services.filter(({ identityOf }) => identityOf);
  const verdicts = new Map<string, Verdict>();
  const reported = new Set<string>();

  function held(arnText: string, scope: Scope): HeldPolicies | undefined {
    const arn = parseArn(arnText);
    if (!arn) return undefined;
    const rows = read({ ...scope, account: arn.account });
    return firstOf(holders, ({ policiesHeldBy }) => policiesHeldBy?.(rows, arn));
  }

  function identityOf({ accessKeyId, roleArn, sourceArn }: Caller, scope: Scope): Identity | undefined {
    if (roleArn !== undefined) return { arn: sessionArn(roleArn, sourceArn), roleArn };
    if (accessKeyId === undefined || !/^A[KS]IA/.test(accessKeyId)) return undefined;
    const rows = read(scope);
    return firstOf(issuers, (service) => service.identityOf?.(rows, accessKeyId));
  }

  function askerOf({ arn, roleArn, sessionPolicy }: Identity, scope: Scope): Asker {
    const identity = held(roleArn ?? arn, scope);
    return {
      principal: { type: 'AWS', id: arn, ...(roleArn !== null && { roleArn }) },
      account: parseArn(arn)?.account ?? scope.account,
      ...(identity && { identity }),
      ...(sessionPolicy !== undefined && { sessionPolicy }),
    };
  }

  /** The policy of a resource, whose account may be another. */
  function policyAt(resource: string, scope: Scope): ResourcePolicy | undefined {
    const arn = parseArn(resource);
    const rules = arn && rulesByArnName.get(arn.service);
    if (!arn || !rules?.policyOf) return undefined;
    return rules.policyOf(read({ account: arn.account || scope.account, region: arn.region || scope.region }), arn);
  }

  function refusalOf(question: Question): Refusal | undefined {
    const { asker, action, resource, policy } = question;
    const records = [...(asker.identity?.records ?? []), policy?.record];
    const { principal, sourceArn, sessionPolicy, conditions } = asker;
    const way = conditions && JSON.stringify(conditions);
    const key = [action, resource, principal.id, sourceArn, sessionPolicy, way].join('\n');
    const known = verdicts.get(key);
    if (known && sameRecords(known.records, records)) return known.refusal;
    const refusal = judge(question, host.clock.now());
    if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
    if (!dependsOnTime(question)) verdicts.set(key, { records, refusal });
    return refusal;
  }

  /** Reports what would be refused, or refuses it. */
  function act(question: Question, refusal: Refusal, refused: (message: string) => AwsError, note: Noting): void {
    const { asker, action, said, resource, broad } = question;
    if (mode === 'enforce') {
      const { principal } = asker;
      throw refused(
        `User: ${principal.id} is not authorized to perform: ${said} on resource: ${resource} ${refusal.why}`,
      );
    }
    const { roleArn } = asker.principal;
    // That there is no such role was told when it was given to whoever acts in it.
    if (roleArn !== undefined && !asker.identity) return;
    const subject = asker.sourceArn ?? asker.principal.id;
    const key = `${subject}\n${action}\n${broad}`;
    if (reported.has(key) || reported.size >= MOST_REPORTS) return;
    reported.add(key);
    const remedy = remedyOf(question);
    const detail = { action, resource, why: refusal.why, ...refusal.missing, ...(remedy && { remedy }) };
    note({ kind: 'permission', subject, outcome: 'missing', detail });
    const why = refusal.missing ? '' : `, ${refusal.why}`;
    const command = remedy === undefined ? '' : `\n  ${remedy}`;
    host.warn(
      `AWS would refuse this: ${subject} may not ${action} on ${broad}${why}. Carillon lets it pass.${advice(refusal)}${command}`,
    );
  }

  /** The command that puts the missing statement into the policy of a resource, where a service has one for that. */
  function remedyOf({ asker: { principal, sourceArn }, action, resource }: Question): string | undefined {
    const arn = parseArn(resource);
    if (!arn || principal.type !== 'Service' || sourceArn === undefined) return undefined;
    return rulesByArnName.get(arn.service)?.grant?.(arn, action, principal.id, sourceArn);
  }

  function checkTrust(trust: Trust, { operation, scope }: Call): void {
    const document = held(trust.roleArn, scope)?.trustPolicy;
    const { roleArn, principal, sourceArn } = trust;
    const asker: Asker = {
      principal: { type: 'Service', id: principal },
      account: scope.account,
      ...(sourceArn && { sourceArn }),
    };
    const request: Request = {
      principal: asker.principal,
      ...{
        action: 'sts:AssumeRole',
        resource: roleArn,
        context: contextOf(asker, scope.account, scope, host.clock.now()),
      },
    };
    if (document !== undefined && evaluate([{ name: 'trust policy', document }], request).decision === 'allowed')
      return;
    if (mode === 'enforce') throw trust.refusal;
    const statement = { Effect: 'Allow', Principal: { Service: trust.principal }, Action: 'sts:AssumeRole' };
    const missing = { where: `the trust policy of ${trust.roleArn}`, statement };
    host.warn(
      document === undefined
        ? noRole(trust.roleArn)
        : `AWS would refuse ${operation}: ${trust.refusal.message} Carillon lets it pass.${advice({ missing })}`,
    );
  }

  return {
    call(call, note) {
      const rules = rulesOf.get(call.service);
      if (!rules) return;
      const trusts =
        rules.trusts?.[call.operation]?.(call.input as Readonly<Record<string, unknown>>, call.scope) ?? [];
      for (const trust of trusts) checkTrust(trust, call);
      const named = rules.actions?.[call.operation];
      if (named === null) return;
      const { caller, scope, operation } = call;
      const identity = caller.anonymous ? undefined : identityOf(caller, scope);
      if (!identity && !caller.anonymous) return;
      const { conditions } = caller;
      const who = identity ? askerOf(identity, scope) : { principal: NOBODY, account: '' };
      const asker = { ...who, ...(conditions && { conditions }) };
      const names = [named ?? operation, ...(rules.alsoNeeds?.(operation, caller) ?? [])];
      for (const resource of new Set(rules.resourcesOf(call.input, scope, operation))) {
        const broad = rules.broaden?.(resource) ?? resource;
        const policy = policyAt(resource, scope);
        for (const name of names) {
          const question = { asker, ...spelled(rules, name), resource, broad, scope, policy };
          const refusal = refusalOf(question);
          if (refusal) act(question, refusal, rules.refusal ?? accessDenied, note);
        }
      }
    },
    delivery(delivery, arn, scope, note) {
      const rules = rulesByArnName.get(arn.service);
      const access = rules?.deliveries?.[resourceType(arn)];
      if (!rules || !access) return;
      const { principal, sourceArn, roleArn, targetArn } = delivery;
      const within = (arn.account || scope.account) === scope.account;
      if (roleArn === undefined && access.openWithinAccount && within) return;
      const asker =
        roleArn === undefined
          ? { principal: { type: 'Service', id: principal } as const, account: scope.account, sourceArn }
          : { ...askerOf({ arn: sessionArn(roleArn, sourceArn), roleArn }, scope), sourceArn };
      const policy = policyAt(targetArn, scope);
      if (!policy && rules.policyOf) return;
      const question = {
        asker,
        ...spelled(rules, access.action),
        resource: targetArn,
        broad: targetArn,
        scope,
        policy,
      };
      const refusal = refusalOf(question);
      if (refusal) act(question, refusal, accessDenied, note);
    },
  };
}

function spelled({ prefix, spell }: AccessRules, name: string): Pick<Question, 'action' | 'said'> {
  const action = `${prefix}:${name}`;
  return { action, said: spell?.(action) ?? action };
}

function accessDenied(message: string): AwsError {
  return new AwsError('AccessDeniedException', message, { status: 403 });
}

/** The session of a role that a resource acts in: it has the resource's name. */
export function sessionArn(roleArn: string, sourceArn: string | undefined): string {
  const [, partition, account, name] = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  if (name === undefined) return roleArn;
  const session = sourceArn?.split(/[:/]/).at(-1) || 'session';
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`;
}

/** The rules for one request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html */
function judge({ asker, action, said, resource, broad, scope, policy }: Question, now: number): Refusal | undefined {
  const { principal, identity, sessionPolicy } = asker;
  const target = parseArn(resource);
  const resourceAccount = target?.account || scope.account;
  const request: Request = { principal, action, resource, context: contextOf(asker, resourceAccount, scope, now) };
  const document = policy?.document();
  const boundary = identity?.boundary();
  const asked: readonly [string, readonly NamedDocument[] | undefined][] = [
    ['identity-based policy', identity?.documents() ?? []],
    ['permissions boundary', boundary && [boundary]],
    ['session policy', sessionPolicy === undefined ? undefined : [{ name: 'session policy', document: sessionPolicy }]],
    ['resource-based policy', document === undefined ? [] : [{ name: 'resource-based policy', document }]],
  ];
  const decisions = new Map(
    asked.flatMap(([kind, documents]) => (documents ? [[kind, evaluate(documents, request).decision] as const] : [])),
  );
  for (const [kind, decision] of decisions) {
    if (decision === 'explicitDeny') return { why: `with an explicit deny in ${article(kind)} ${kind}` };
  }
  const byResource = decisions.get('resource-based policy') === 'allowed';
  const lacking = (kind: string): Refusal => ({
    why: `because no ${kind} allows the ${said} action`,
    missing: missingStatement(kind, asker, action, broad),
  });
  if (principal === NOBODY || principal.type === 'Service' || action === 'sts:AssumeRole') {
    return byResource ? undefined : lacking('resource-based policy');
  }
  const lacks = ['identity-based policy', 'permissions boundary', 'session policy'].find(
    (kind) => decisions.has(kind) && decisions.get(kind) !== 'allowed',
  );
  if (resourceAccount === asker.account && byResource) return undefined;
  if (lacks !== undefined) return lacking(lacks);
  return resourceAccount === asker.account || byResource ? undefined : lacking('resource-based policy');
}

/** A policy that is known by its name alone is taken to allow everything, and one that can't be read to say nothing. */
function evaluate(documents: readonly NamedDocument[], request: Request): Evaluation {
  const policies = documents.flatMap(({ name, document }): NamedPolicy[] => {
    try {
      return [{ name, policy: parsePolicy(document ?? ALLOWS_ALL) }];
    } catch (error) {
      if (error instanceof PolicyError) return [];
      throw error;
    }
  });
  return evaluatePolicies(policies, request);
}

const ALLOWS_ALL = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function contextOf(asker: Asker, resourceAccount: string, scope: Scope, now: number) {
  const { principal, account, sourceArn, conditions } = asker;
  return {
    ...conditions,
    'aws:ResourceAccount': resourceAccount,
    's3:ResourceAccount': resourceAccount,
    'aws:RequestedRegion': scope.region,
    'aws:CurrentTime': isoSeconds(now),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:SecureTransport': 'true',
    ...(sourceArn !== undefined && {
      'aws:SourceArn': sourceArn,
      'aws:SourceAccount': parseArn(sourceArn)?.account || account,
    }),
    ...(principal.type === 'AWS' &&
      principal !== NOBODY && {
        'aws:PrincipalArn': principal.roleArn ?? principal.id,
        'aws:PrincipalAccount': account,
      }),
  };
}

function missingStatement(kind: string, { principal, sourceArn, conditions }: Asker, action: string, resource: string) {
  if (kind !== 'resource-based policy') {
    const holder = principal.roleArn ?? principal.id;
    return {
      where: kind === 'identity-based policy' ? `a policy of ${holder}` : `the ${kind} of ${holder}`,
      statement: { Effect: 'Allow', Action: action, Resource: resource },
    };
  }
  const where = `the policy of ${resource}`;
  if (principal === NOBODY) {
    const condition = conditions && { Condition: { StringEquals: conditions } };
    return { where, statement: { Effect: 'Allow', Principal: '*', Action: action, Resource: resource, ...condition } };
  }
  const service = principal.type === 'Service';
  return {
    where: action === 'sts:AssumeRole' ? `the trust policy of ${resource}` : where,
    statement: {
      Effect: 'Allow',
      Principal: service ? { Service: principal.id } : { AWS: principal.roleArn ?? principal.id },
      Action: action,
      ...(action !== 'sts:AssumeRole' && { Resource: resource }),
      ...(service && sourceArn !== undefined && { Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } } }),
    },
  };
}

function noRole(roleArn: string): string {
  return `There is no role ${roleArn}, so AWS would refuse what is done with it. Carillon lets it pass.`;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function advice({ missing }: Pick<Refusal, 'missing'>): string {
  return missing ? `\n  Missing in ${missing.where}: ${JSON.stringify(missing.statement)}` : '';
}

function dependsOnTime({ asker, policy }: Question): boolean {
  const documents = [
    policy?.document(),
    asker.sessionPolicy,
    ...(asker.identity?.documents() ?? []).map(({ document }) => document),
  ];
  return documents.some((document) => /aws:(current|epoch)time/i.test(document ?? ''));
}

function sameRecords(known: readonly (object | undefined)[], records: readonly (object | undefined)[]): boolean {
  return known.length === records.length && known.every((record, index) => record === records[index]);
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}
