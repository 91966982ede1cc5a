/*
 * The module that Lambda supplies to functions whose code stands in a template: it answers CloudFormation for a custom
 * resource (https://docs.aws.amazon.com/lambda/latest/dg/services-cloudformation.html).
 */
'use strict';

var https = require('https');
var url = require('url');

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

/** Sends the answer and ends the invocation; returns a promise where there are promises. */
exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  var body = JSON.stringify({
    Status: responseStatus,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  console.log('Response body:\n', body);
  var target = url.parse(event.ResponseURL);
  var length = typeof Buffer.byteLength === 'function' ? Buffer.byteLength(body) : body.length;

  var put = function (over) {
    var request = https.request(
      {
        hostname: target.hostname,
        port: 443,
        path: target.path,
        method: 'PUT',
        headers: { 'content-type': '', 'content-length': length },
      },
      function (response) {
        console.log('Status code: ' + response.statusCode);
        response.resume();
        over();
      }
    );
    request.on('error', function (error) {
      console.log('send(..) failed executing https.request(..): ' + error);
      over(error);
    });
    request.write(body);
    request.end();
  };
  var done = function () {
    if (typeof context.done === 'function') context.done();
  };
  if (typeof Promise !== 'function') return put(done);
  return new Promise(function (resolve, reject) {
    put(function (error) {
      done();
      if (error) reject(error);
      else resolve();
    });
  });
};
