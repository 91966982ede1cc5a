/*
 * Labels of versions: names that a user gives, each to one version at a time.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
 */
import type {
  LabelParameterVersionRequest,
  LabelParameterVersionResult,
  UnlabelParameterVersionRequest,
  UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { versionNotFound } from './errors.ts';
import { findParameter, labelsOf, type Parameter, parameters } from './parameter.ts';

/** Labels of a version. */
const MOST = 10;

export function labelParameterVersion(ctx: Context, input: LabelParameterVersionRequest): LabelParameterVersionResult {
  const { name, parameter, number } = findVersion(ctx, input.Name!, input.ParameterVersion);
  const valid = input.Labels!.filter(isLabel);
  const labels = { ...parameter.labels, ...Object.fromEntries(valid.map((label) => [label, number])) };
  if (labelsOf({ ...parameter, labels }, number).length > MOST) {
    throw new AwsError(
      'ParameterVersionLabelLimitExceeded',
      `A parameter version can have maximum ${MOST} labels. Move one or more labels to another version and try again.`,
    );
  }
  ctx.rows(parameters).put(name, { ...parameter, labels });
  return { InvalidLabels: input.Labels!.filter((label) => !isLabel(label)), ParameterVersion: number };
}

export function unlabelParameterVersion(
  ctx: Context,
  input: UnlabelParameterVersionRequest,
): UnlabelParameterVersionResult {
  const { name, parameter, number } = findVersion(ctx, input.Name!, input.ParameterVersion);
  const held = labelsOf(parameter, number);
  const RemovedLabels = input.Labels!.filter((label) => held.includes(label));
  const labels = Object.fromEntries(
    Object.entries(parameter.labels).filter(([label]) => !RemovedLabels.includes(label)),
  );
  ctx.rows(parameters).put(name, { ...parameter, labels });
  return { RemovedLabels, InvalidLabels: input.Labels!.filter((label) => !held.includes(label)) };
}

function findVersion(ctx: Context, text: string, wanted: number | undefined) {
  const { name, parameter } = findParameter(ctx, text);
  const number = wanted ?? parameter.latest;
  if (!isKept(parameter, number)) throw versionNotFound(name, number);
  return { name, parameter, number };
}

function isKept({ oldest, latest }: Parameter, number: number): boolean {
  return number >= oldest && number <= latest;
}

function isLabel(label: string): boolean {
  return /^(?!aws|ssm)[a-z_.-][a-z0-9_.-]*$/i.test(label);
}
