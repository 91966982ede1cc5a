/*
 * Brings home what a function asks of AWS: whoever connects to a host of AWS gets a connection to the engine, which
 * speaks plain HTTP. What is sent is not touched: the Host header and the signature tell the engine what is meant.
 *
 * It is done where connections are made, below all clients: SDKs of any version, agents, `fetch`. To those who ask for
 * TLS the connection looks like one. The same goes for clients that take a URL of the engine's apart, drop its port and
 * force TLS, as those do who answer CloudFormation (`https.request({ hostname, path, method })`).
 */
'use strict';

var Module = require('module');
var net = require('net');
var tls = require('tls');

var AWS = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|on\.aws|api\.amazonwebservices\.com\.cn)$/i;
var HTTPS_PORT = 443;

function owns(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

/** `http://127.0.0.1:4566` as host and port. */
function parse(endpoint) {
  var parts = /^http:\/\/(?:\[([^\]]+)\]|([^:/]+))(?::(\d+))?/.exec(endpoint);
  return parts && { host: parts[1] || parts[2], port: Number(parts[3] || 80) };
}

/** Hosts of AWS, and the engine's with a prefix, as SDKs put one before it: `sync-127.0.0.1`, `bucket.127.0.0.1`. */
function belongsHome(host, home) {
  if (typeof host !== 'string') return false;
  var before = host.length - home.host.length - 1;
  var isPrefixed = before > 0 && host.slice(before + 1) === home.host && /[-.]/.test(host.charAt(before));
  return isPrefixed || AWS.test(host.replace(/\.$/, ''));
}

function copyOf(object) {
  var copy = {};
  Object.keys(object).forEach(function (key) {
    copy[key] = object[key];
  });
  return copy;
}

/** All ways to name a destination to `connect`: options, port and host, or both gathered in an array by Node itself. */
function destinationOf(args) {
  var first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (first && typeof first === 'object') return { host: first.host, port: Number(first.port) };
  return { host: typeof args[1] === 'string' ? args[1] : undefined, port: Number(first) };
}

function leadSockets(home) {
  var connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function () {
    var args = Array.prototype.slice.call(arguments);
    if (!belongsHome(destinationOf(args).host, home)) return connect.apply(this, args);
    var gathered = Array.isArray(args[0]) ? args[0] : args;
    if (typeof gathered[0] === 'object') {
      gathered[0] = copyOf(gathered[0]);
      gathered[0].host = home.host;
      gathered[0].port = home.port;
    } else {
      gathered[0] = home.port;
      gathered[1] = home.host;
    }
    return connect.apply(this, args);
  };
}

/** A plain connection that answers as an encrypted one does. */
function disguised(socket) {
  var nothing = function () {
    return undefined;
  };
  socket.encrypted = true;
  socket.authorized = true;
  socket.authorizationError = null;
  socket.alpnProtocol = false;
  socket.getPeerCertificate = function () {
    return {};
  };
  socket.getProtocol = function () {
    return 'TLSv1.3';
  };
  socket.getCipher = function () {
    return { name: 'TLS_AES_128_GCM_SHA256', standardName: 'TLS_AES_128_GCM_SHA256', version: 'TLSv1.3' };
  };
  socket.isSessionReused = function () {
    return false;
  };
  ['getSession', 'setSession', 'setServername', 'getFinished', 'setMaxSendFragment', 'disableRenegotiation'].forEach(
    function (name) {
      socket[name] = nothing;
    }
  );
  socket.once('connect', function () {
    socket.emit('secureConnect');
  });
  return socket;
}

function leadTls(home) {
  var connect = tls.connect;
  tls.connect = function () {
    var args = Array.prototype.slice.call(arguments);
    var to = destinationOf(args);
    var options = args.filter(function (arg) {
      return arg && typeof arg === 'object';
    })[0];
    // A socket that is given is somebody's tunnel.
    var isGiven = Boolean(options && options.socket);
    var dropsPort =
      to.port === HTTPS_PORT && (to.host === undefined || to.host === home.host || to.host === 'localhost');
    if (isGiven || !(dropsPort || belongsHome(to.host, home))) return connect.apply(tls, args);
    var socket = disguised(net.connect(home.port, home.host));
    var callback = args[args.length - 1];
    if (typeof callback === 'function') socket.once('secureConnect', callback);
    return socket;
  };
}

/** The SDK's core, loaded as far as its configuration. It is asked without touching a module that is half loaded. */
function isCore(exported) {
  return Boolean(exported) && typeof exported === 'object' && owns(exported, 'Config') && owns(exported, 'Service');
}

/**
 * Version 2 of the SDK does not know AWS_ENDPOINT_URL: the defaults of its configuration are changed as soon as it is
 * loaded, so that what it gives away, such as a presigned URL, leads here too. Every way into it goes through its core.
 */
function configureSdk(endpoint) {
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

/** Everything from here on; `endpoint` is the engine's URL. */
function watch(endpoint) {
  var home = endpoint && parse(endpoint);
  if (!home) return;
  leadSockets(home);
  leadTls(home);
  if (Module.syncBuiltinESMExports) Module.syncBuiltinESMExports();
  configureSdk(endpoint);
}

module.exports = { watch: watch };
