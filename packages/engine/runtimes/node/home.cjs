/*
 * Points the AWS SDK for JavaScript v2 home: it does not know AWS_ENDPOINT_URL, so the defaults of its configuration are
 * changed as soon as the function's code loads it. A function that configures an endpoint itself keeps its own.
 */
'use strict';

var Module = require('module');

function owns(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

/** The SDK's core, loaded as far as its configuration. It is asked without touching a module that is half loaded. */
function isCore(exported) {
  return Boolean(exported) && typeof exported === 'object' && owns(exported, 'Config') && owns(exported, 'Service');
}

/** Watches for the SDK's core module; every way into the SDK (`aws-sdk`, `aws-sdk/clients/s3`) goes through it. */
function watch(endpoint) {
  if (!endpoint) return;
  var load = Module._load;
  Module._load = function (request) {
    var exported = load.apply(this, arguments);
    if (/(^|[\\/])core(\.js)?$/.test(request) && isCore(exported)) {
      var defaults = exported.Config.prototype.keys;
      defaults.endpoint = endpoint;
      defaults.s3ForcePathStyle = true;
      defaults.hostPrefixEnabled = false;
    }
    return exported;
  };
}

module.exports = { watch: watch };
