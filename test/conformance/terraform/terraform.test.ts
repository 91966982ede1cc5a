/*
 * Terraform with its AWS provider, unmodified and with AWS_ENDPOINT_URL alone: applied, planned again without drift,
 * changed and destroyed. Skipped where there is no Terraform, or no mirror of its provider (CARILLON_TERRAFORM_MIRROR).
 */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createEngine } from '@carillon/engine';
import { expect, test } from 'vitest';
import { emptyDirectory } from '../../cli/carillon.ts';
import { zip } from '../../zip.ts';

const run = promisify(execFile);
const MIRROR = process.env.CARILLON_TERRAFORM_MIRROR ?? '/opt/tf-plugins';
const PROVIDER = join(MIRROR, 'registry.terraform.io/hashicorp/aws');
const found = (process.env.PATH ?? '').split(delimiter).some((path) => existsSync(join(path, 'terraform')));
const isHere = found && existsSync(PROVIDER);
if (!isHere) console.warn(`Tests with Terraform are skipped: it is not on the PATH, or ${PROVIDER} is not there.`);

/** No queue has a policy of its own: the provider waits 25 seconds until it takes one to be settled. */
const CONFIGURATION = `
variable "word" { default = "ding" }
provider "aws" {
  default_tags { tags = { team = "ringers" } }
}
data "aws_caller_identity" "me" {}
resource "aws_iam_role" "role" {
  name               = "bells"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["lambda.amazonaws.com", "scheduler.amazonaws.com"] } }] })
}
resource "aws_iam_policy" "policy" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:*", "lambda:InvokeFunction"], Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "policy" {
  role       = aws_iam_role.role.name
  policy_arn = aws_iam_policy.policy.arn
}
resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
resource "aws_cloudwatch_log_group" "ring" {
  name              = "/aws/lambda/ring"
  retention_in_days = 7
}
resource "aws_lambda_layer_version" "layer" {
  layer_name = "bells"
  filename   = "code.zip"
}
resource "aws_lambda_function" "ring" {
  function_name    = "ring"
  role             = aws_iam_role.role.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "code.zip"
  source_code_hash = filebase64sha256("code.zip")
  publish          = true
  layers           = [aws_lambda_layer_version.layer.arn]
  environment { variables = { WORD = var.word } }
  depends_on = [aws_cloudwatch_log_group.ring]
}
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.ring.function_name
  function_version = aws_lambda_function.ring.version
}
resource "aws_lambda_permission" "events" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.ring.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.every.arn
}
resource "aws_lambda_function_url" "url" {
  function_name      = aws_lambda_function.ring.function_name
  authorization_type = "NONE"
}
resource "aws_lambda_function_event_invoke_config" "config" {
  function_name          = aws_lambda_function.ring.function_name
  maximum_retry_attempts = 1
}
resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.ring.arn
  filter_criteria {
    filter { pattern = jsonencode({ body = { kind = ["a"] } }) }
  }
}
resource "aws_sqs_queue" "jobs" {
  name          = "jobs"
  delay_seconds = 5
  policy        = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["sns.amazonaws.com", "s3.amazonaws.com"] }, Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:\${data.aws_caller_identity.me.account_id}:jobs" }] })
}
resource "aws_sns_topic" "topic" { name = "bells" }
resource "aws_sns_topic_subscription" "jobs" {
  topic_arn     = aws_sns_topic.topic.arn
  protocol      = "sqs"
  endpoint      = aws_sqs_queue.jobs.arn
  filter_policy = jsonencode({ kind = ["a"] })
}
resource "aws_cloudwatch_event_bus" "bus" { name = "bells" }
resource "aws_cloudwatch_event_archive" "archive" {
  name             = "bells"
  event_source_arn = aws_cloudwatch_event_bus.bus.arn
  retention_days   = 3
}
resource "aws_cloudwatch_event_rule" "every" {
  name                = "every"
  schedule_expression = "rate(5 minutes)"
}
resource "aws_cloudwatch_event_target" "ring" {
  rule  = aws_cloudwatch_event_rule.every.name
  arn   = aws_lambda_function.ring.arn
  input = jsonencode({ word = var.word })
}
resource "aws_scheduler_schedule_group" "group" { name = "bells" }
resource "aws_scheduler_schedule" "nine" {
  name                         = "nine"
  group_name                   = aws_scheduler_schedule_group.group.name
  schedule_expression          = "cron(0 9 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_lambda_function.ring.arn
    role_arn = aws_iam_role.role.arn
  }
}
resource "aws_s3_bucket" "files" {
  bucket        = "bells-files"
  force_destroy = true
}
resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.role.arn }, Action = "s3:GetObject", Resource = "\${aws_s3_bucket.files.arn}/*" }] })
}
resource "aws_s3_bucket_notification" "files" {
  bucket = aws_s3_bucket.files.id
  queue {
    queue_arn     = aws_sqs_queue.jobs.arn
    events        = ["s3:ObjectCreated:*"]
    filter_suffix = ".json"
  }
}
resource "aws_s3_object" "word" {
  bucket     = aws_s3_bucket.files.id
  key        = "word.txt"
  content    = var.word
  depends_on = [aws_s3_bucket_versioning.files]
}
resource "aws_ssm_parameter" "word" {
  name  = "/bells/word"
  type  = "SecureString"
  value = var.word
}
resource "aws_kms_key" "key" {
  enable_key_rotation     = true
  deletion_window_in_days = 7
}
resource "aws_kms_alias" "key" {
  name          = "alias/bells"
  target_key_id = aws_kms_key.key.key_id
}
resource "aws_ecr_repository" "images" { name = "bells" }
resource "aws_cloudformation_stack" "stack" {
  name          = "bells"
  template_body = jsonencode({ Resources = { Queue = { Type = "AWS::SQS::Queue" } }, Outputs = { Url = { Value = { Ref = "Queue" } } } })
}
`;

test.skipIf(!isHere)(
  'Terraform applies, finds no drift, changes and destroys',
  async () => {
    await using engine = await createEngine();
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'main.tf'), CONFIGURATION);
    writeFileSync(join(cwd, 'code.zip'), await zip({ 'index.js': 'exports.handler = async () => process.env.WORD' }));
    writeFileSync(join(cwd, 'terraformrc'), `provider_installation {\n  filesystem_mirror { path = "${MIRROR}" }\n}\n`);
    const env = {
      PATH: process.env.PATH,
      HOME: cwd,
      TF_CLI_CONFIG_FILE: join(cwd, 'terraformrc'),
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const terraform = (...args: string[]) => run('terraform', [...args, '-no-color'], { cwd, env });
    const ring = async () => {
      const { Payload } = await engine.call('lambda', 'Invoke', { FunctionName: 'ring', Qualifier: 'live' });
      return Buffer.from(Payload!).toString();
    };

    await terraform('init');
    await terraform('apply', '-auto-approve');
    expect(await ring()).toBe('"ding"');
    await terraform('plan', '-detailed-exitcode');
    await terraform('apply', '-auto-approve', '-refresh=false', '-var', 'word=dong');
    expect(await ring()).toBe('"dong"');
    expect((await terraform('destroy', '-auto-approve', '-refresh=false')).stdout).toContain('Destroy complete!');
    expect((await engine.call('lambda', 'ListFunctions', {})).Functions).toEqual([]);
    expect((await engine.call('eventbridge', 'ListRules', {})).Rules).toEqual([]);
  },
  180_000,
);
