/*
 * What the sandboxes take and give: plain values, free of Lambda's API records, and the limits that bound them.
 */

/** Everything that a sandbox of one function version needs. */
export interface FunctionSpec {
  /** Sandboxes of an equal key are interchangeable. A change of code or configuration makes another key. */
  key: string;
  functionName: string;
  /** `$LATEST` or a number. */
  functionVersion: string;
  /** Without a qualifier. */
  functionArn: string;
  region: string;
  /** `nodejs22.x`, `python3.12`, `provided.al2023`, ... */
  runtime: string;
  handler: string;
  /** The extracted code, an absolute path. */
  codeDirectory: string;
  /** The extracted layers, absolute paths, in the order of the configuration: a later one wins. */
  layers: readonly string[];
  /** The user's variables. */
  environment: Readonly<Record<string, string>>;
  /** `http://127.0.0.1:4566`: becomes AWS_ENDPOINT_URL. */
  endpointUrl: string;
  /** Its execution role. */
  roleArn: string;
  memoryMb: number;
  timeoutMs: number;
  logGroup: string;
  /** `Text` when absent. */
  logFormat?: 'Text' | 'JSON';
  /** Of the function's own output; with the JSON format only. */
  applicationLogLevel?: string;
  /** Of the platform's lines; with the JSON format only. */
  systemLogLevel?: string;
}

/** One event of a function's log stream. */
export interface LogLine {
  /** Engine time, epoch milliseconds. */
  timestamp: number;
  /** As in the log event, with its newline where Lambda writes one. */
  message: string;
  /** Whether the platform wrote it: START, END, REPORT and their like. */
  platform?: boolean;
}

export interface InvokeRequest {
  requestId: string;
  /** JSON text, handed over byte for byte. */
  payload: Buffer | string;
  /** With the qualifier that the caller used. */
  invokedFunctionArn: string;
  /** JSON text (decoded from the header's base64). */
  clientContext?: string;
  /** JSON text. */
  identity?: string;
  /** The X-Ray header. */
  traceId?: string;
  /** Called with the log stream of the sandbox that takes the request, before that runs anything for it. */
  onTaken?(logStream: string): void;
  /** Gets every line in order, the last one before the invocation's result. */
  onLog(line: LogLine, logStream: string): void;
  /** Called when the function begins to wait for a moment of virtual time. */
  onWait?(): void;
  /** Gets the parts of a streamed response as they come; without it they are gathered into the payload. */
  onChunk?(chunk: Buffer): void;
}

export interface InvocationResult {
  /** The handler's result or the error's JSON, byte for byte. */
  payload: Buffer;
  functionError?: 'Unhandled';
  /** `Runtime.ExitError`, `Sandbox.Timedout`, the type of the handler's error, ... */
  errorType?: string;
  /** Whether the handler streamed its response; `payload` then holds only what `onChunk` did not get. */
  streamed: boolean;
  contentType: string;
  durationMs: number;
  billedDurationMs: number;
  /** Of a cold start. */
  initDurationMs?: number;
  memoryUsedMb: number;
  cold: boolean;
  logStream: string;
}

/** Bounds: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html where AWS has one. */
export const LIMITS = {
  /** 6 MB and a little, as Lambda's own error says. */
  responseBytes: 6_291_556,
  streamedResponseBytes: 200 * 1024 * 1024,
  initMs: 10_000,
  /** One line of output; a longer one is cut into several. */
  lineBytes: 256 * 1024,
  /** All output of one invocation; the rest is dropped, and a line says so. */
  logBytes: 64 * 1024 * 1024,
  /** Lines that a function writes between its invocations and that are kept for the next. */
  strayLines: 1_000,
  /** A frame's header. */
  headerBytes: 1024 * 1024,
  /** Real time that a function may hold the engine's clock, or its timeout if that is longer. */
  hungMs: 30_000,
} as const;
