/*
 * Reading, planning and resolving a template of 500 resources, beside a bare parse of the same text: at most three times
 * as long.
 */
import { parse } from 'yaml';
import {
  type Attributes,
  parseTemplate,
  planStack,
  readDocument,
  resolveParameters,
  type StackInputs,
} from '../../packages/engine/src/languages/template/index.ts';
import { type Bench, type Figure, median } from './figure.ts';

const PAIRS = 250;
const WARM_UP_RUNS = 3;
const RUNS = 15;
const AIM = { ratio: 3 };

export const bench: Bench = {
  async run() {
    const yaml = `${HEAD}${Array.from({ length: PAIRS }, (_, index) => pair(index)).join('')}`;
    const json = JSON.stringify(readDocument(yaml));
    return [figure('YAML', yaml, () => parse(yaml, { logLevel: 'silent' })), figure('JSON', json, () => parse(json))];
  },
};

function figure(format: string, text: string, bare: () => unknown): Figure {
  const [baseline, ours] = mediansOf([bare, () => resolveAll(text)]);
  return {
    figure: `template of ${2 * PAIRS} resources read and resolved, ${format}`,
    unit: 'ms',
    ours: ours!,
    baseline: baseline!,
    against: 'the yaml package alone',
    aim: AIM,
  };
}

/** Median milliseconds of each task, run in turns. */
function mediansOf(tasks: readonly (() => unknown)[]): number[] {
  const times: number[][] = tasks.map(() => []);
  for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
    for (const [index, task] of tasks.entries()) {
      const start = performance.now();
      task();
      if (run >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map(median);
}

const STACK: Omit<StackInputs, 'parameters'> = {
  accountId: '123456789012',
  region: 'eu-west-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/bench/1',
  stackName: 'bench',
  notificationArns: [],
  availabilityZones: () => [],
  importValue: () => undefined,
};

const ATTRIBUTES: Attributes = (id, attribute) => (attribute === undefined ? id : `arn:aws:x:::${id}/${attribute}`);

function resolveAll(text: string): void {
  const template = parseTemplate(text);
  const plan = planStack(template, { ...STACK, parameters: resolveParameters(template, new Map()) });
  for (const id of plan.resources.keys()) plan.resolveResource(id, ATTRIBUTES);
  plan.resolveOutputs(ATTRIBUTES);
}

const HEAD = `AWSTemplateFormatVersion: 2010-09-09
Parameters: { Stage: { Type: String, Default: prod } }
Conditions: { IsProd: !Equals [!Ref Stage, prod] }
Outputs: { First: { Value: !GetAtt Function0.Arn } }
Resources:`;

const pair = (index: number) => `
  Function${index}:
    Type: AWS::Lambda::Function
    DependsOn: Role${index}
    Properties:
      FunctionName: !Sub "\${AWS::StackName}-${index}"
      Handler: index.handler
      Runtime: nodejs24.x
      Timeout: 30
      Role: !GetAtt Role${index}.Arn
      Code:
        ZipFile: |
          exports.handler = async (event) => {
            console.log(event);
          };
      Environment:
        Variables:
          ROLE: !Ref Role${index}
          STAGE: !If [IsProd, prod, !Ref AWS::NoValue]
  Role${index}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Join ["", ["arn:", !Ref "AWS::Partition", ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]]`;
