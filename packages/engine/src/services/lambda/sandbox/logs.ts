/*
 * The platform's own lines in a function's log, in Lambda's words: as text
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html) or as the JSON objects of the
 * telemetry schema (https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html).
 */
import { isoMillis } from '../../../kernel/clock.ts';
import { type FunctionSpec, LIMITS } from './spec.ts';

export type Status = 'success' | 'error' | 'timeout';
export type Phase = 'init' | 'invoke';

export interface InitReport {
  phase: Phase;
  durationMs: number;
  status: Status;
  errorType?: string | undefined;
}

export interface InvokeReport {
  requestId: string;
  durationMs: number;
  billedDurationMs: number;
  memoryUsedMb: number;
  initDurationMs?: number | undefined;
  status: Status;
  errorType?: string | undefined;
}

export interface Dropped {
  records: number;
  bytes: number;
}

export interface PlatformLog {
  initStart(phase: Phase): void;
  /** Text logs report a failed init phase only, as Lambda does on demand. */
  initReport(report: InitReport): void;
  start(requestId: string): void;
  timedOut(requestId: string): void;
  /** Output over the bound was left out. */
  logsDropped(dropped: Dropped): void;
  /** END and REPORT. */
  report(report: InvokeReport): void;
}

export interface LogContext {
  spec: FunctionSpec;
  logStream: string;
  runtimeVersion: string;
  runtimeVersionArn: string;
  now(): number;
  emit(message: string): void;
}

/** `Task timed out after 3.00 seconds`, as in the log and in the error's message. */
export function timeoutWords(spec: FunctionSpec): string {
  return `Task timed out after ${(spec.timeoutMs / 1000).toFixed(2)} seconds`;
}

export function createPlatformLog(context: LogContext): PlatformLog {
  return context.spec.logFormat === 'JSON' ? jsonLog(context) : textLog(context);
}

function textLog({ spec, runtimeVersion, runtimeVersionArn, now, emit }: LogContext): PlatformLog {
  return {
    initStart: (phase) => {
      if (phase === 'init') {
        emit(`INIT_START Runtime Version: ${runtimeVersion}\tRuntime Version ARN: ${runtimeVersionArn}\n`);
      }
    },
    initReport: ({ phase, durationMs, status, errorType }) => {
      if (status === 'success') return;
      const error = errorType && status === 'error' ? `\tError Type: ${errorType}` : '';
      emit(`INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\tStatus: ${status}${error}\n`);
    },
    start: (requestId) => emit(`START RequestId: ${requestId} Version: ${spec.functionVersion}\n`),
    timedOut: (requestId) => emit(`${isoMillis(now())} ${requestId} ${timeoutWords(spec)}\n\n`),
    logsDropped: ({ records, bytes }) => emit(`LOGS_DROPPED Records: ${records}\tBytes: ${bytes}\n`),
    report: (report) => {
      emit(`END RequestId: ${report.requestId}\n`);
      emit(reportText(spec, report));
    },
  };
}

function reportText(spec: FunctionSpec, report: InvokeReport): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${report.billedDurationMs} ms`,
    `Memory Size: ${spec.memoryMb} MB`,
    `Max Memory Used: ${report.memoryUsedMb} MB`,
  ];
  if (report.initDurationMs !== undefined) fields.push(`Init Duration: ${report.initDurationMs.toFixed(2)} ms`);
  if (report.status === 'success') return `${fields.join('\t')}\t\n`;
  fields.push(`Status: ${report.status}`);
  if (report.errorType && report.status === 'error') fields.push(`Error Type: ${report.errorType}`);
  return `${fields.join('\t')}\n`;
}

const LEVELS = ['DEBUG', 'INFO', 'WARN'];
const TOO_MUCH = `One invocation may write ${LIMITS.logBytes} bytes`;

/** Which events a level lets through: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html */
function jsonLog({ spec, logStream, runtimeVersion, runtimeVersionArn, now, emit }: LogContext): PlatformLog {
  const lowest = LEVELS.indexOf(spec.systemLogLevel ?? 'INFO');
  const event = (level: string, type: string, record: object) => {
    if (LEVELS.indexOf(level) < lowest) return;
    emit(JSON.stringify({ time: isoMillis(now()), type: `platform.${type}`, record }));
  };
  const levelOf = (status: Status, ofSuccess: string) => (status === 'success' ? ofSuccess : 'WARN');
  return {
    initStart: (phase) =>
      event('INFO', 'initStart', {
        initializationType: 'on-demand',
        phase,
        runtimeVersion,
        runtimeVersionArn,
        functionName: spec.functionName,
        functionVersion: spec.functionVersion,
        instanceId: logStream,
        instanceMaxMemory: spec.memoryMb * 1024 * 1024,
      }),
    initReport: ({ phase, durationMs, status, errorType }) => {
      const common = { initializationType: 'on-demand', phase, status, ...(errorType && { errorType }) };
      const level = levelOf(status, 'DEBUG');
      event(level, 'initRuntimeDone', common);
      event(level, 'initReport', { ...common, metrics: { durationMs: thousandths(durationMs) } });
    },
    start: (requestId) =>
      event('INFO', 'start', { requestId, functionArn: spec.functionArn, version: spec.functionVersion }),
    timedOut: () => {},
    logsDropped: ({ records, bytes }) =>
      event('WARN', 'logsDropped', { reason: TOO_MUCH, droppedRecords: records, droppedBytes: bytes }),
    report: ({ requestId, status, errorType, ...report }) => {
      const outcome = { status, ...(errorType && status === 'error' && { errorType }) };
      const durationMs = thousandths(report.durationMs);
      event(levelOf(status, 'DEBUG'), 'runtimeDone', { requestId, ...outcome, metrics: { durationMs } });
      const metrics = {
        durationMs,
        billedDurationMs: report.billedDurationMs,
        memorySizeMB: spec.memoryMb,
        maxMemoryUsedMB: report.memoryUsedMb,
        ...(report.initDurationMs !== undefined && { initDurationMs: thousandths(report.initDurationMs) }),
      };
      event(levelOf(status, 'INFO'), 'report', { requestId, metrics, ...outcome });
    },
  };
}

function thousandths(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
