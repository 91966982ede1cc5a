/*
 * Response streaming: `awslambda.streamifyResponse` marks a handler, `awslambda.HttpResponseStream.from` puts the
 * status and headers in front (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html).
 */
'use strict';

var stream = require('stream');
var runtimeError = require('./errors.cjs').runtimeError;

/** Known to wrappers of handlers, which copy it: the symbol is the contract. */
var STREAMING = typeof Symbol === 'function' ? Symbol.for('aws.lambda.runtime.handler.streaming') : '@@streaming';
var HTTP_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';
var DELIMITER = '\0\0\0\0\0\0\0\0';

function streamifyResponse(handler) {
  handler[STREAMING] = 'response';
  return handler;
}

/** Puts `prelude` (`statusCode`, `headers`, `cookies`) in front of what is written. */
function httpResponseStream(responseStream, prelude) {
  responseStream.setContentType(HTTP_CONTENT_TYPE);
  responseStream._onBeforeFirstWrite = function (write) {
    write(JSON.stringify(prelude));
    write(DELIMITER);
  };
  return responseStream;
}

function isStreaming(handler) {
  var mark = handler[STREAMING];
  if (mark === undefined || mark === null || mark === false) return false;
  if (mark === 'response') return true;
  throw runtimeError('MalformedStreamingHandler', 'Only response streaming is supported.');
}

/** A writable stream; `emit(header, body)` sends its frames. */
function createResponseStream(emit) {
  var started = false;
  var contentType = 'application/octet-stream';
  var start = function () {
    if (started) return;
    started = true;
    emit({ type: 'stream-start', contentType: contentType });
    if (typeof responseStream._onBeforeFirstWrite === 'function') {
      responseStream._onBeforeFirstWrite(function (chunk) {
        emit({ type: 'stream-chunk' }, chunk);
      });
    }
  };
  var responseStream = new stream.Writable({
    decodeStrings: true,
    write: function (chunk, _encoding, callback) {
      start();
      emit({ type: 'stream-chunk' }, chunk);
      callback();
    },
    final: function (callback) {
      start();
      callback();
    },
  });
  var write = responseStream.write;
  responseStream.write = function (chunk) {
    var plain = typeof chunk === 'string' || Buffer.isBuffer(chunk) || chunk instanceof Uint8Array;
    var rest = Array.prototype.slice.call(arguments, 1);
    return write.apply(responseStream, [plain ? chunk : JSON.stringify(chunk)].concat(rest));
  };
  responseStream.setContentType = function (type) {
    if (started) throw runtimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.');
    contentType = type;
  };
  return responseStream;
}

module.exports = {
  createResponseStream: createResponseStream,
  isStreaming: isStreaming,
  awslambda: { streamifyResponse: streamifyResponse, HttpResponseStream: { from: httpResponseStream } },
};
