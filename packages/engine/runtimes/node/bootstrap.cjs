/*
 * Runs one function of a Node.js runtime: started ahead of need, told by an `init` frame which function it is, then
 * given one invocation after another. Behaves as Lambda's runtime of the function's name does, on whatever Node runs it.
 */
'use strict';

var channel = require('./channel.cjs');
var errors = require('./errors.cjs');
var handlers = require('./handler.cjs');
var streaming = require('./streaming.cjs');
var logging = require('./console.cjs');
var home = require('./home.cjs');
var modules = require('./modules.cjs');
var createWaiting = require('./waiting.cjs').create;
var quiet = require('./quiet.cjs');
/** Where the engine's time is its own, the function lives in it. */
var virtual = process.argv[2] === 'virtual' ? require(virtualTimeOf(process.version)) : undefined;

/** What the first require of most functions needs is loaded while nobody waits. */
['crypto', 'events', 'http', 'https', 'module', 'stream', 'tls', 'url', 'util', 'zlib'].forEach(require);

var UNCAUGHT_EXIT_CODE = 129;
var REJECTION_EXIT_CODE = 128;
/** Pieces of output that are kept from one invocation to the next. */
var MOST_LATE = 1000;

var exit = process.exit.bind(process);
var machineNow = Date.now;

var socket;
/** What the process waits for while it has something to do. */
var waiting;
/** The major version that the function's runtime names; behaviours depend on it, not on the Node at hand. */
var runtimeMajor = 0;
var handler;
var isStreaming = false;
/** Whether the init phase is over. */
var isReady = false;
/** The invocation under way; undefined while the function is loaded and between invocations. */
var invocation;
/** Stays after an invocation: what the function still writes belongs to it. */
var requestId;
/** What was written since the last invocation. */
var late = [];
/** Engine time minus machine time. */
var clockOffset = 0;
var logError = function () {};
/** What an event loop with nothing left to do means at present. */
var onEmptyLoop = function () {};

function virtualTimeOf(version) {
  return Number(/^v(\d+)/.exec(version)[1]) < 16 ? './virtual-time-es5.cjs' : './virtual-time.cjs';
}

function now() {
  return virtual ? virtual.now() : machineNow() + clockOffset;
}

function setTime(frame) {
  if (virtual) virtual.set(frame.now, frame.pace);
  else clockOffset = frame.now - machineNow();
}

function currentRequestId() {
  return requestId;
}

function installEnvironment(variables) {
  Object.keys(process.env).forEach(function (name) {
    delete process.env[name];
  });
  Object.keys(variables).forEach(function (name) {
    process.env[name] = variables[name];
  });
  require('module')._initPaths();
}

/**
 * In virtual time, what is written between invocations waits for the next one: else it would be the machine's chance
 * whether it comes before the process is frozen.
 */
function write(header, body) {
  if (!virtual || !isReady || invocation) channel.send(header, body);
  else if (late.length < MOST_LATE) late.push([header, body]);
}

function writeLate() {
  late.splice(0).forEach(function (frame) {
    channel.send(frame[0], frame[1]);
  });
}

/** Raw output travels by the channel too, so that it keeps its place among the console's lines. */
function captureOutput(name) {
  process[name].write = function (chunk, encoding, callback) {
    var body = typeof chunk === 'string' ? channel.bytes(chunk) : Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    write({ type: 'output', stream: name }, body);
    var done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}

/** The runtimes before Node.js 10 had a form of their own. */
function payloadOf(error) {
  var payload = errors.toPayload(error);
  if (runtimeMajor >= 10) return JSON.stringify(payload);
  var frames = (payload.trace || []).slice(1).map(function (line) {
    return line.replace(/^\s*at /, '');
  });
  return JSON.stringify({ errorMessage: payload.errorMessage, errorType: payload.errorType, stackTrace: frames });
}

function initFailed(title, error, exitCode) {
  logError(title, error);
  channel.send({ type: 'init-error', errorType: errors.toPayload(error).errorType }, payloadOf(error));
  exit(exitCode);
}

function onFatal(title, error, exitCode) {
  if (!isReady) return initFailed(title, error, exitCode);
  logError(title, error);
  if (invocation) invocation.fail(error, true);
  return exit(exitCode);
}

function init(frame) {
  var match = /^nodejs(\d*)/.exec(frame.runtime);
  runtimeMajor = Number((match && match[1]) || 0);
  if (!virtual) setTime(frame);
  installEnvironment(frame.environment);
  process.chdir(frame.codeDirectory);
  process.argv = [process.argv[0], '/var/runtime/index.mjs'];
  var settings = { json: frame.logFormat === 'JSON', level: frame.logLevel, withLevel: runtimeMajor >= 10 };
  logError = logging.patch(settings, now, currentRequestId, function (level, text) {
    write({ type: 'log', level: level }, text);
  });
  captureOutput('stdout');
  captureOutput('stderr');
  home.watch(process.env.AWS_ENDPOINT_URL);
  modules.watch(frame.codeDirectory, frame.paths.concat(frame.supplied), function (name) {
    return channel.ask({ type: 'module', name: name }).directory;
  });
  if (runtimeMajor >= 14) global.awslambda = streaming.awslambda;
  process.on('uncaughtException', function (error) {
    onFatal('Uncaught Exception', error, UNCAUGHT_EXIT_CODE);
  });
  process.on('unhandledRejection', function (reason, promise) {
    var error = errors.runtimeError('UnhandledPromiseRejection', reason);
    error.reason = reason;
    error.promise = promise;
    onFatal('Unhandled Promise Rejection', error, REJECTION_EXIT_CODE);
  });
  process.on('exit', writeLate);
  onEmptyLoop = function () {
    initFailed('Init Error', errors.runtimeError('NodeJsExit', errors.NODE_EXIT), 1);
  };
  if (virtual) virtual.install(frame.now, frame.pace, { onLeak: waiting.tellLeak, onArm: waiting.onArm });
  waiting.begin(frame);
  handlers.load(frame.codeDirectory, frame.handler, function (error, loaded) {
    var title = runtimeMajor >= 24 ? 'Init Error' : 'Uncaught Exception';
    if (error) return initFailed(title, error, 1);
    try {
      isStreaming = streaming.isStreaming(loaded);
      if (runtimeMajor >= 24 && !isStreaming && loaded.length >= 3) {
        throw errors.runtimeError('CallbackHandlerDeprecated', errors.CALLBACK_REMOVED);
      }
      handler = loaded;
    } catch (problem) {
      return initFailed(title, problem, 1);
    }
    // A rejection that nobody handled while the code was loaded is told before this runs, and fails the init phase.
    return setImmediate(function () {
      isReady = true;
      waiting.end();
      channel.send({ type: 'ready' });
    });
  });
}

function serialize(result) {
  try {
    var text = JSON.stringify(result === undefined ? null : result);
    return text === undefined ? 'null' : text;
  } catch (_) {
    throw new Error('Unable to stringify response body');
  }
}

/** An invocation ends once: by its first result or error. */
function createInvocation() {
  var ended = false;
  var end = function (header, body) {
    if (ended) return;
    ended = true;
    onEmptyLoop = function () {};
    if (!virtual && process.resourceUsage) header.memoryKb = process.resourceUsage().maxRSS;
    invocation = undefined;
    waiting.end();
    channel.send(header, body);
  };
  return {
    succeed: function (result) {
      end({ type: 'response' }, serialize(result));
    },
    endStream: function () {
      end({ type: 'response' });
    },
    fail: function (error, isLast) {
      end({ type: 'error', errorType: errors.toPayload(error).errorType, last: isLast }, payloadOf(error));
    },
    hasEnded: function () {
      return ended;
    },
  };
}

function parseHeader(text, name) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('Cannot parse ' + name + ' as json: ' + error);
  }
}

function fillContext(context, frame) {
  context.functionVersion = process.env.AWS_LAMBDA_FUNCTION_VERSION;
  context.functionName = process.env.AWS_LAMBDA_FUNCTION_NAME;
  context.memoryLimitInMB = process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  context.logGroupName = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
  context.logStreamName = process.env.AWS_LAMBDA_LOG_STREAM_NAME;
  context.clientContext = parseHeader(frame.clientContext, 'ClientContext');
  context.identity = parseHeader(frame.identity, 'CognitoIdentity');
  context.invokedFunctionArn = frame.invokedFunctionArn;
  context.awsRequestId = frame.requestId;
  context.getRemainingTimeInMillis = function () {
    return frame.deadline - now();
  };
  return context;
}

function once(action) {
  var called = false;
  return function () {
    if (called) return;
    called = true;
    action.apply(null, arguments);
  };
}

function isPromise(value) {
  return Boolean(value && typeof value.then === 'function');
}

/** Callbacks and context methods of the runtimes up to Node.js 22. */
function createCallbacks(current, failWith) {
  var waitForEmptyLoop = true;
  var context = {};
  Object.defineProperty(context, 'callbackWaitsForEmptyEventLoop', {
    enumerable: true,
    get: function () {
      return waitForEmptyLoop;
    },
    set: function (value) {
      waitForEmptyLoop = Boolean(value);
    },
  });
  var finish = function (error, result) {
    if (error !== undefined && error !== null) return failWith(error);
    try {
      return current.succeed(result);
    } catch (problem) {
      return failWith(problem);
    }
  };
  var callback = function (error, result) {
    if ((error !== undefined && error !== null) || !waitForEmptyLoop) return finish(error, result);
    onEmptyLoop = function () {
      finish(null, result);
    };
    return undefined;
  };
  context.succeed = once(function (result) {
    finish(null, result);
  });
  context.fail = once(function (error) {
    finish(error === undefined || error === null ? 'handled' : error);
  });
  context.done = once(finish);
  return { context: context, callback: once(callback) };
}

function runStreaming(event, frame, failWith) {
  var current = invocation;
  var responseStream = streaming.createResponseStream(channel.send);
  var unfinished = function () {
    failWith('Response stream is not finished.');
  };
  responseStream.on('error', failWith);
  onEmptyLoop = unfinished;
  var result = handler(event, responseStream, fillContext({}, frame));
  if (!isPromise(result)) return failWith('Streaming does not support non-async handlers.');
  return result.then(function (value) {
    if (value !== undefined) console.warn('Streaming handlers ignore return values.');
    if (responseStream.writableFinished) return current.endStream();
    if (runtimeMajor >= 24 && !responseStream.writableEnded) return unfinished();
    return responseStream.on('finish', current.endStream);
  }, failWith);
}

function runBuffered(event, frame, failWith) {
  var current = invocation;
  var callbacks = createCallbacks(current, failWith);
  var context = fillContext(runtimeMajor >= 24 ? {} : callbacks.context, frame);
  onEmptyLoop = function () {
    current.succeed(null);
  };
  // The first runtime did not take that for an answer.
  if (runtimeMajor === 0) onEmptyLoop = exit;
  var result = runtimeMajor >= 24 ? handler(event, context) : handler(event, context, callbacks.callback);
  if (!isPromise(result)) {
    if (runtimeMajor >= 24) callbacks.context.succeed(result);
    return;
  }
  if (runtimeMajor > 0 && runtimeMajor < 8) return;
  if (runtimeMajor >= 18) {
    onEmptyLoop = function () {
      failWith(errors.runtimeError('NodeJsExit', errors.NODE_EXIT));
    };
  }
  result.then(callbacks.context.succeed, callbacks.context.fail);
}

function invoke(frame, body) {
  setTime(frame);
  if (virtual) virtual.ringDue();
  writeLate();
  if (frame.traceId) process.env._X_AMZN_TRACE_ID = frame.traceId;
  else delete process.env._X_AMZN_TRACE_ID;
  var current = createInvocation();
  invocation = current;
  requestId = frame.requestId;
  var failWith = function (error) {
    if (current.hasEnded()) return;
    logError('Invoke Error', error);
    current.fail(error);
  };
  waiting.begin(frame);
  try {
    (isStreaming ? runStreaming : runBuffered)(JSON.parse(body.toString()), frame, failWith);
  } catch (error) {
    failWith(error);
  }
}

function warmUp(ready) {
  var dynamicImport = handlers.importer();
  if (!dynamicImport) return ready();
  return dynamicImport('data:text/javascript,').then(ready, ready);
}

socket = channel.open(function (header, body) {
  if (header.type === 'init') init(header);
  else if (header.type === 'invoke') invoke(header, body);
  else if (header.type === 'time') waiting.over(header);
  else if (header.type === 'aside') waiting.aside();
});
waiting = createWaiting(
  channel.send,
  quiet.watch(socket, Boolean(virtual), function () {
    if (!waiting.forTimers()) onEmptyLoop();
  }),
  virtual
);
warmUp(function () {
  channel.send({ type: 'up', version: process.versions.node });
});
