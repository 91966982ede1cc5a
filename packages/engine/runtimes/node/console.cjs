/*
 * The console as on Lambda: every call is one log event, however many lines it has, with the time, the request id and
 * the level in front, or a JSON object when the function asks for JSON logs
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html).
 */
'use strict';

var util = require('util');
var errors = require('./errors.cjs');

var LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
var METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/** A console call may not become a larger event than this. */
var LONGEST_MESSAGE = 256 * 1024;

function describeErrors(_key, value) {
  if (!(value instanceof Error)) return value;
  var described = {
    errorType: (value.constructor && value.constructor.name) || 'UnknownError',
    errorMessage: value.message,
    stackTrace: typeof value.stack === 'string' ? value.stack.split('\n') : value.stack,
  };
  Object.keys(value).forEach(function (key) {
    described[key] = value[key];
  });
  return described;
}

function formatJson(time, requestId, level, values) {
  var event = { timestamp: time, level: level, requestId: requestId };
  if (values.length === 1) {
    event.message = values[0];
    try {
      return JSON.stringify(event, describeErrors);
    } catch (_) {
      event.message = util.format(values[0]);
      return JSON.stringify(event);
    }
  }
  event.message = util.format.apply(util, values);
  var error = values.filter(function (value) {
    return value instanceof Error;
  })[0];
  if (error) {
    event.errorType = (error.constructor && error.constructor.name) || 'UnknownError';
    event.errorMessage = error.message;
    event.stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  }
  return JSON.stringify(event);
}

/** Old runtimes (before Node.js 10) wrote no level. */
function formatText(time, requestId, level, values, withLevel) {
  return time + '\t' + requestId + '\t' + (withLevel ? level + '\t' : '') + util.format.apply(util, values) + '\n';
}

/**
 * Replaces the console's methods. `settings` is `{json, level, withLevel}`; `now()` gives the present in epoch
 * milliseconds, `requestId()` the invocation under way, and `emit(level, text)` takes each event.
 * Returns `logError(title, error)`, by which the runtime logs what went wrong.
 */
function patch(settings, now, requestId, emit) {
  var lowest = Math.max(0, LEVELS.indexOf(settings.level || 'TRACE'));
  var log = function (level, values) {
    if (LEVELS.indexOf(level) < lowest) return;
    var time = new Date(now()).toISOString();
    var format = settings.json ? formatJson : formatText;
    var text = format(time, requestId(), level, values, settings.withLevel);
    emit(level, text.length > LONGEST_MESSAGE ? text.slice(0, LONGEST_MESSAGE) : text);
  };
  Object.keys(METHODS).forEach(function (method) {
    console[method] = function () {
      log(METHODS[method], Array.prototype.slice.call(arguments));
    };
  });
  console.fatal = function () {
    log('FATAL', Array.prototype.slice.call(arguments));
  };
  return function (title, error) {
    if (settings.json) log('ERROR', [errors.toError(error)]);
    else log('ERROR', [title, errors.toLogText(errors.toError(error))]);
  };
}

module.exports = { patch: patch };
