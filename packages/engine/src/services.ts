/* The list of services, one line each: the only file that names them all. */
import type { ServiceDefinition } from './kernel/service.ts';
import { cloudcontrol } from './services/cloudcontrol/index.ts';
import { cloudformation } from './services/cloudformation/index.ts';
import { ecr } from './services/ecr/index.ts';
import { eventbridge } from './services/eventbridge/index.ts';
import { iam } from './services/iam/index.ts';
import { kms } from './services/kms/index.ts';
import { lambda } from './services/lambda/index.ts';
import { logs } from './services/logs/index.ts';
import { s3 } from './services/s3/index.ts';
import { scheduler } from './services/scheduler/index.ts';
import { sns } from './services/sns/index.ts';
import { sqs } from './services/sqs/index.ts';
import { ssm } from './services/ssm/index.ts';
import { sts } from './services/sts/index.ts';

declare module './kernel/service.ts' {
  interface Clients {
    cloudcontrol: typeof import('@aws-sdk/client-cloudcontrol');
    cloudformation: typeof import('@aws-sdk/client-cloudformation');
    ecr: typeof import('@aws-sdk/client-ecr');
    eventbridge: typeof import('@aws-sdk/client-eventbridge');
    iam: typeof import('@aws-sdk/client-iam');
    kms: typeof import('@aws-sdk/client-kms');
    lambda: typeof import('@aws-sdk/client-lambda');
    logs: typeof import('@aws-sdk/client-cloudwatch-logs');
    s3: typeof import('@aws-sdk/client-s3');
    scheduler: typeof import('@aws-sdk/client-scheduler');
    sns: typeof import('@aws-sdk/client-sns');
    sqs: typeof import('@aws-sdk/client-sqs');
    ssm: typeof import('@aws-sdk/client-ssm');
    sts: typeof import('@aws-sdk/client-sts');
  }
}

export const services: readonly ServiceDefinition[] = [
  cloudcontrol,
  cloudformation,
  ecr,
  eventbridge,
  iam,
  kms,
  lambda,
  logs,
  s3,
  scheduler,
  sns,
  sqs,
  ssm,
  sts,
];
