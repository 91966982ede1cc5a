/*
 * Who calls, and what services tell of who may do what: which action a call is, on which resource, and what policies
 * there are. The guard asks.
 */
import type { Arn, Scope } from './arn.ts';
import type { AwsError } from './errors.ts';
import type { TableReader } from './state/table.ts';

/** Who calls: a client by its access key, or a service of AWS on behalf of a resource. */
export interface Caller {
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  /** The service principal and the resource that acts, e.g. `events.amazonaws.com` and a rule's ARN. */
  readonly principal?: string;
  readonly sourceArn?: string;
  /** The role that the caller acts in: an execution role, or one that a service was given. */
  readonly roleArn?: string;
  /** Which of those that act for the same resource: a sandbox of a function. */
  readonly session?: string;
  /** Nobody, who did not sign: has only what a resource's policy allows to all. */
  readonly anonymous?: true;
  /** What policies may ask of the way on which the caller comes, by condition keys. */
  readonly conditions?: Readonly<Record<string, string>>;
}

/** What a service's callers have to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export interface AccessRules {
  /** What the names of its actions begin with: `lambda`. */
  readonly prefix: string;
  /** Actions that are not named as their operations are; null for an operation that everybody may call. */
  readonly actions?: Readonly<Record<string, string | null>>;
  /** Actions that a call needs beside its own, because of the way on which its caller comes. */
  alsoNeeds?(operation: string, caller: Caller): readonly string[];
  /** The ARNs of what a call is about; `*` for what is nothing of its own. */
  // biome-ignore lint/suspicious/noExplicitAny: as with handlers, each operation has an input of its own.
  resourcesOf(input: any, scope: Scope, operation: string): readonly string[];
  /** The action that a delivery is, by the resource's type as in `accepts`. */
  readonly deliveries?: Readonly<Record<string, DeliveryAccess>>;
  /** A resource's own policy; undefined when there is no such resource. */
  policyOf?(rows: TableReader, arn: Arn): ResourcePolicy | undefined;
  /** What calls give a role to, by operation: it has to be one that the role trusts. */
  readonly trusts?: Readonly<
    Record<string, (input: Readonly<Record<string, unknown>>, scope: Scope) => readonly Trust[]>
  >;
  /** What a statement is to name where a resource is one of many: all of a log group's streams, all of a bucket's objects. */
  broaden?(resource: string): string;
  /** The command that lets a service in, on behalf of one of its resources. */
  grant?(resource: Arn, action: string, principal: string, sourceArn: string): string;
  /** An action as its refusals spell it, where that is not as policies do: `sqs:sendmessage`. */
  spell?(action: string): string;
  /** The error of a refused call; AccessDeniedException unless given. */
  refusal?(message: string): AwsError;
}

export interface DeliveryAccess {
  /** Without the prefix: `InvokeFunction`. */
  readonly action: string;
  /** Whether services of the same account need no permission. */
  readonly openWithinAccount?: boolean;
}

/** A resource's policy, if it has one, by the record that holds it: as long as that is the same, so is the policy. */
export interface ResourcePolicy {
  readonly record: object;
  document(): string | undefined;
}

/** A role that a call hands to a service. */
export interface Trust {
  readonly roleArn: string;
  /** The service: `lambda.amazonaws.com`. */
  readonly principal: string;
  /** What it will act for, where conditions of the role may ask. */
  readonly sourceArn?: string;
  /** What AWS answers when the role does not trust it. */
  readonly refusal: AwsError;
}

/** Who an access key that a service handed out stands for. */
export interface Identity {
  /** Of a user, or of a session: `arn:aws:sts::…:assumed-role/…`. */
  readonly arn: string;
  /** The role that a session is of. */
  readonly roleArn: string | null;
  /** What limits a session further, as text. */
  readonly sessionPolicy?: string;
}

/** What a role or user is allowed by policies of its own. */
export interface HeldPolicies {
  /** Where they stand: as long as these are the same, so are the policies. */
  readonly records: readonly object[];
  /** Documents by name; one that is known by its name alone has none. */
  documents(): readonly NamedDocument[];
  /** The permissions boundary. */
  boundary(): NamedDocument | undefined;
  /** A role's trust policy. */
  readonly trustPolicy?: string;
}

export interface NamedDocument {
  readonly name: string;
  readonly document: string | null;
}
