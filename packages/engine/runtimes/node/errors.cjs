/*
 * Errors as Lambda's Node.js runtimes report them: the JSON of the invocation's error payload, the JSON in the log,
 * and the runtime's own error types (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html).
 */
'use strict';

var util = require('util');

var NODE_EXIT =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise ' +
  'that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';

var CALLBACK_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to ' +
  'modify this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
  'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

/** Makes an error of the runtime, such as `Runtime.HandlerNotFound`. */
function runtimeError(name, message) {
  var error = new Error(String(message));
  Object.defineProperty(error, 'name', { value: 'Runtime.' + name });
  var stack = String(error.stack).split('\n');
  var firstFrame = stack.findIndex ? stack.findIndex(isFrame) : 1;
  error.stack = [error.name + ': ' + error.message].concat(firstFrame < 0 ? [] : stack.slice(firstFrame)).join('\n');
  return error;
}

function isFrame(line) {
  return /^\s+at /.test(line);
}

function isError(value) {
  var native = util.types && util.types.isNativeError ? util.types.isNativeError(value) : value instanceof Error;
  return native || Boolean(value && value.name && value.message && value.stack);
}

/** `{errorType, errorMessage, trace}` of anything thrown. */
function toPayload(error) {
  try {
    if (isError(error)) {
      return {
        errorType: error.name,
        errorMessage: error.message,
        trace: String(error.stack).split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch (_) {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

function withProperties(_key, value) {
  if (!(value instanceof Error)) return value;
  var all = { errorType: value.name, errorMessage: value.message, code: value.code };
  Object.keys(value).forEach(function (key) {
    all[key] = value[key];
  });
  if (typeof value.stack === 'string') all.stack = value.stack.split('\n');
  return all;
}

/** The error as one line of JSON with everything that it carries, for the log in text format. */
function toLogText(error) {
  try {
    return '\t' + JSON.stringify(error, withProperties);
  } catch (_) {
    return '\t' + JSON.stringify(toPayload(error));
  }
}

function toError(value) {
  return value instanceof Error ? value : new Error(value);
}

module.exports = {
  runtimeError: runtimeError,
  toPayload: toPayload,
  toLogText: toLogText,
  toError: toError,
  NODE_EXIT: NODE_EXIT,
  CALLBACK_REMOVED: CALLBACK_REMOVED,
};
