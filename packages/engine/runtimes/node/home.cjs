/*
 * Points the AWS SDK for JavaScript v2 home: it does not know AWS_ENDPOINT_URL, so its global configuration is set as
 * soon as the function's code loads it. A function that configures an endpoint itself keeps its own.
 */
'use strict';

var Module = require('module');

function isVersion2(core) {
  return core && typeof core.Service === 'function' && core.config && typeof core.config.update === 'function';
}

/** Watches for the SDK's core module; every way into the SDK (`aws-sdk`, `aws-sdk/clients/s3`) goes through it. */
function watch() {
  var load = Module._load;
  var configured = [];
  Module._load = function (request) {
    var exported = load.apply(this, arguments);
    if (/(^|[\\/])core(\.js)?$|^aws-sdk$/.test(request) && isVersion2(exported) && configured.indexOf(exported) < 0) {
      configured.push(exported);
      var endpoint = process.env.AWS_ENDPOINT_URL;
      if (endpoint) exported.config.update({ endpoint: endpoint, s3ForcePathStyle: true, hostPrefixEnabled: false });
    }
    return exported;
  };
}

module.exports = { watch: watch };
