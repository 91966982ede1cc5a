/*
 * What virtual-time.cjs does, for the Node.js of before 16: `Date`, timers and clocks in the engine's time. These have
 * fewer ways to tell time and to wait for it, and an older language to say so in.
 */
'use strict';

// All that takes its timers from the module has to be loaded before they are replaced.
['child_process', 'dns', 'events', 'fs', 'http', 'https', 'net', 'stream', 'timers', 'tls', 'util'].forEach(require);

var timersModule = require('timers');
var util = require('util');

var LONGEST_DELAY_MS = Math.pow(2, 31) - 1;
var RealDate = Date;
var machineNow = Date.now;
/** Runs what promises and `process.nextTick` have waiting, as Node does between two timers. */
var runTicks = process._tickCallback || function () {};
var AsyncResource = asyncResource();

/** Engine time, epoch milliseconds, at the machine's `machineBase`; it runs at `pace` times the machine's. */
var base = 0;
var machineBase = 0;
var pace = 0;
/** When the function's life began. */
var origin = 0;

/** Those that ring first first; of the same moment, those made first. */
var pending = [];
var nextOrder = 0;
var refs = 0;
var onTimer = function () {};

function asyncResource() {
  try {
    var found = require('async_hooks').AsyncResource;
    return found.prototype.runInAsyncScope ? found : undefined;
  } catch (_) {
    return undefined;
  }
}

function now() {
  return pace === 0 ? base : base + Math.floor((machineNow() - machineBase) * pace);
}

/** Moves time to a moment; it never goes back. */
function set(moment, atPace) {
  base = Math.max(moment, now());
  machineBase = machineNow();
  pace = atPace;
}

function Timeout(callback, delay, args, isRepeated) {
  var ms = delay === undefined ? 1 : Number(delay);
  if (!(ms >= 1 && ms <= LONGEST_DELAY_MS)) ms = 1;
  this._idleTimeout = ms;
  this._onTimeout = process.domain ? process.domain.bind(callback) : callback;
  this._repeat = isRepeated ? ms : null;
  this._arguments = args;
  this._isRefed = true;
  this._armed = false;
  this._scope = AsyncResource && new AsyncResource('Timeout');
  arm(this);
}

Timeout.prototype.ref = function () {
  return setRef(this, true);
};
Timeout.prototype.unref = function () {
  return setRef(this, false);
};
Timeout.prototype.hasRef = function () {
  return this._isRefed;
};
Timeout.prototype.refresh = function () {
  if (this._onTimeout === null) return this;
  disarm(this);
  arm(this);
  return this;
};
Timeout.prototype.close = function () {
  clear(this);
  return this;
};

function arm(timer) {
  timer._due = now() + Math.floor(timer._idleTimeout);
  timer._order = ++nextOrder;
  timer._armed = true;
  var place = pending.length;
  while (place > 0 && pending[place - 1]._due > timer._due) place--;
  pending.splice(place, 0, timer);
  if (timer._isRefed) refs++;
  onTimer(timer._due);
}

function disarm(timer) {
  if (!timer._armed) return;
  timer._armed = false;
  pending.splice(pending.indexOf(timer), 1);
  if (timer._isRefed) refs--;
}

function clear(timer) {
  disarm(timer);
  timer._onTimeout = null;
}

function setRef(timer, isRefed) {
  if (timer._isRefed !== isRefed && timer._armed) refs += isRefed ? 1 : -1;
  timer._isRefed = isRefed;
  return timer;
}

function ring(timer) {
  var order = timer._order;
  var callback = timer._onTimeout;
  disarm(timer);
  if (!callback) return;
  try {
    if (timer._scope) timer._scope.runInAsyncScope.apply(timer._scope, [callback, timer].concat(timer._arguments));
    else callback.apply(timer, timer._arguments);
  } finally {
    // Unless it was refreshed or cleared by its own callback.
    if (timer._repeat && !timer._armed && timer._order === order && timer._onTimeout) arm(timer);
  }
}

/** Rings what is due, in order, as Node does in one turn of its event loop. */
function ringDue() {
  while (pending.length > 0 && pending[0]._due <= now()) {
    ring(pending[0]);
    runTicks.call(process);
  }
}

/** The moment of the first timer; undefined when there is none. */
function firstDue() {
  return pending.length > 0 ? pending[0]._due : undefined;
}

/** Whether some timer keeps the process alive. */
function hasRef() {
  return refs > 0;
}

function setter(real, isRepeated) {
  return function (callback, delay) {
    if (typeof callback !== 'function') return real.apply(this, arguments);
    return new Timeout(callback, delay, Array.prototype.slice.call(arguments, 2), isRepeated);
  };
}

function clearer(real) {
  return function (timer) {
    return timer instanceof Timeout ? clear(timer) : real(timer);
  };
}

function replaceTimers() {
  var replacements = {
    setTimeout: setter(timersModule.setTimeout, false),
    setInterval: setter(timersModule.setInterval, true),
    clearTimeout: clearer(timersModule.clearTimeout),
    clearInterval: clearer(timersModule.clearInterval),
  };
  if (util.promisify) {
    replacements.setTimeout[util.promisify.custom] = function (delay, value) {
      return new Promise(function (resolve) {
        replacements.setTimeout(resolve, delay, value);
      });
    };
  }
  Object.keys(replacements).forEach(function (name) {
    global[name] = replacements[name];
    timersModule[name] = replacements[name];
  });
}

/** A class that extends `Date` needs what Proxy does; a Node without it has no classes to speak of. */
function virtualDate() {
  if (typeof Proxy === 'function' && typeof Reflect === 'object') {
    return new Proxy(RealDate, {
      construct: function (target, args, newTarget) {
        return Reflect.construct(target, args.length > 0 ? args : [now()], newTarget);
      },
      apply: function () {
        return new RealDate(now()).toString();
      },
    });
  }
  var VirtualDate = function () {
    if (!(this instanceof VirtualDate)) return new RealDate(now()).toString();
    var args = arguments.length > 0 ? Array.prototype.slice.call(arguments) : [now()];
    return new (Function.prototype.bind.apply(RealDate, [null].concat(args)))();
  };
  VirtualDate.prototype = RealDate.prototype;
  VirtualDate.parse = RealDate.parse;
  VirtualDate.UTC = RealDate.UTC;
  VirtualDate.now = now;
  return VirtualDate;
}

function replaceClocks() {
  RealDate.now = now;
  var VirtualDate = virtualDate();
  RealDate.prototype.constructor = VirtualDate;
  global.Date = VirtualDate;
  var hrtime = function (previous) {
    var ms = now() - origin;
    var seconds = Math.floor(ms / 1000);
    var nanoseconds = (ms % 1000) * 1e6;
    if (previous === undefined) return [seconds, nanoseconds];
    var difference = (seconds - previous[0]) * 1e9 + nanoseconds - previous[1];
    return [Math.floor(difference / 1e9), ((difference % 1e9) + 1e9) % 1e9];
  };
  if (typeof BigInt === 'function') {
    hrtime.bigint = function () {
      return BigInt(now() - origin) * BigInt(1e6);
    };
  }
  process.hrtime = hrtime;
  process.uptime = function () {
    return (now() - origin) / 1000;
  };
  try {
    require('perf_hooks').performance.now = function () {
      return now() - origin;
    };
  } catch (_) {
    // There is none in this Node.
  }
}

function watchLeaks(onLeak) {
  var childProcess = require('child_process');
  ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'].forEach(function (name) {
    var real = childProcess[name];
    if (!real) return;
    childProcess[name] = function () {
      onLeak('child_process.' + name);
      return real.apply(this, arguments);
    };
  });
}

/** Puts the function into engine time: see virtual-time.cjs. */
function install(moment, atPace, hooks) {
  set(moment, atPace);
  origin = base;
  onTimer = hooks.onArm;
  replaceTimers();
  replaceClocks();
  watchLeaks(hooks.onLeak);
}

module.exports = { install: install, now: now, set: set, ringDue: ringDue, firstDue: firstDue, hasRef: hasRef };
