/*
 * The function's own code lives in the engine's time: `Date`, timers, `performance`, `process.hrtime` and what else
 * tells time or waits for it. Time stands still while the function runs, and moves when the engine says so.
 *
 * Node's internals (sockets, agents, streams) keep the machine's time: they took their timers when they were loaded, or
 * are told by the caller. Libraries of fake timers are made for tests: theirs know neither AsyncLocalStorage nor `ref`,
 * put other objects in the place of formatters and performance entries, and may be told from the real ones.
 *
 * Needs Node 16; virtual-time-es5.cjs serves those before.
 */
'use strict';

// All that takes its timers from the module has to be loaded before they are replaced.
[
  ...['async_hooks', 'child_process', 'dgram', 'dns', 'events', 'fs', 'http', 'http2', 'https', 'net'],
  ...['perf_hooks', 'readline', 'stream', 'timers', 'tls', 'util', 'vm', 'worker_threads', 'zlib'],
  ...['dns/promises', 'fs/promises', 'stream/promises', 'timers/promises'],
].forEach((name) => require(name));

const { AsyncResource } = require('async_hooks');
const timersModule = require('timers');
const promisesModule = require('timers/promises');
const { promisify } = require('util');

const LONGEST_DELAY_MS = 2 ** 31 - 1;

const RealDate = Date;
const machineNow = Date.now;
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = timersModule;
const { setInterval: realSetInterval, clearInterval: realClearInterval } = timersModule;
const realPromised = { setTimeout: promisesModule.setTimeout, setInterval: promisesModule.setInterval };
/** Runs what promises and `process.nextTick` have waiting, as Node does between two timers. */
const runTicks = process._tickCallback;

/** Engine time, epoch milliseconds, at the machine's `machineBase`; it runs at `pace` times the machine's. */
let base = 0;
let machineBase = 0;
let pace = 0;
/** When the function's life began. */
let origin = 0;

function now() {
  return pace === 0 ? base : base + Math.floor((machineNow() - machineBase) * pace);
}

/** Moves time to a moment; it never goes back. */
function set(moment, atPace) {
  base = Math.max(moment, now());
  machineBase = machineNow();
  pace = atPace;
}

/* Timers, those that ring first first; of the same moment, those made first. */

const pending = [];
const byId = new Map();
let nextOrder = 0;
let refs = 0;
let onTimer = () => {};

function placeOf(due, order) {
  let low = 0;
  let high = pending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const timer = pending[middle];
    if (timer._due < due || (timer._due === due && timer._order < order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Has the interface of Node's own, and those of its inner fields that libraries look at. */
class Timeout {
  constructor(callback, delay, args, isRepeated, isRefed) {
    let ms = delay === undefined ? 1 : Number(delay);
    if (ms > LONGEST_DELAY_MS) {
      const text = `${ms} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`;
      process.emitWarning(text, 'TimeoutOverflowWarning');
    }
    if (!(ms >= 1 && ms <= LONGEST_DELAY_MS)) ms = 1;
    this._idleTimeout = ms;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = isRepeated ? ms : null;
    this._destroyed = true;
    hide(this, {
      _isRefed: isRefed,
      _due: 0,
      _order: 0,
      _id: undefined,
      _scope: new AsyncResource('Timeout', { requireManualDestroy: true }),
    });
    arm(this);
  }

  ref() {
    return setRef(this, true);
  }

  unref() {
    return setRef(this, false);
  }

  hasRef() {
    return this._isRefed;
  }

  refresh() {
    if (this._idleTimeout === -1) return this;
    disarm(this);
    arm(this);
    return this;
  }

  close() {
    clear(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    if (this._id === undefined) {
      this._id = this._order;
      if (!this._destroyed) byId.set(this._id, this);
    }
    return this._id;
  }
}
if (Symbol.dispose) {
  Timeout.prototype[Symbol.dispose] = function () {
    clear(this);
  };
}

function hide(object, fields) {
  for (const name of Object.keys(fields)) {
    Object.defineProperty(object, name, { value: fields[name], writable: true, configurable: true });
  }
}

function arm(timer) {
  timer._due = now() + Math.trunc(timer._idleTimeout);
  timer._order = ++nextOrder;
  timer._destroyed = false;
  pending.splice(placeOf(timer._due, timer._order), 0, timer);
  if (timer._id !== undefined) byId.set(timer._id, timer);
  if (timer._isRefed) refs++;
  onTimer(timer._due);
}

function disarm(timer) {
  if (timer._destroyed) return;
  timer._destroyed = true;
  pending.splice(placeOf(timer._due, timer._order), 1);
  if (timer._id !== undefined) byId.delete(timer._id);
  if (timer._isRefed) refs--;
}

function clear(timer) {
  disarm(timer);
  timer._idleTimeout = -1;
  timer._onTimeout = null;
}

function setRef(timer, isRefed) {
  if (timer._isRefed !== isRefed && !timer._destroyed) refs += isRefed ? 1 : -1;
  timer._isRefed = isRefed;
  return timer;
}

function ring(timer) {
  disarm(timer);
  const callback = timer._onTimeout;
  if (!callback) return;
  const { _order } = timer;
  try {
    timer._scope.runInAsyncScope(callback, timer, ...(timer._timerArgs || []));
  } finally {
    // Unless it was refreshed or cleared by its own callback.
    if (timer._repeat && timer._destroyed && timer._order === _order && timer._idleTimeout !== -1) arm(timer);
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

/* What the function's code sees. */

/** Node's own web client asks for timers as anybody may; its requests are the outer world's, which has its own time. */
function isAskedByNode(above) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = (_, sites) => (sites[0] && sites[0].getFileName()) || '';
  try {
    Error.captureStackTrace(holder, above);
    return String(holder.stack).startsWith('node:');
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function setTimeout(callback, delay, ...args) {
  if (typeof callback !== 'function' || isAskedByNode(setTimeout)) return realSetTimeout(callback, delay, ...args);
  return new Timeout(callback, delay, args, false, true);
}

function setInterval(callback, delay, ...args) {
  if (typeof callback !== 'function' || isAskedByNode(setInterval)) return realSetInterval(callback, delay, ...args);
  return new Timeout(callback, delay, args, true, true);
}

function clearerOf(clearReal) {
  return (timer) => {
    if (timer instanceof Timeout) return clear(timer);
    const named = typeof timer === 'number' || typeof timer === 'string' ? byId.get(Number(timer)) : undefined;
    return named ? clear(named) : clearReal(timer);
  };
}

/** Options that Node's own function takes; it answers to others, and to signals that have aborted, itself. */
function isPlain(delay, { ref, signal } = {}) {
  if (delay !== undefined && typeof delay !== 'number') return false;
  if (ref !== undefined && typeof ref !== 'boolean') return false;
  return signal === undefined || (signal instanceof AbortSignal && !signal.aborted);
}

function promisedTimeout(delay, value, options = {}) {
  if (typeof options !== 'object' || options === null || !isPlain(delay, options)) {
    return realPromised.setTimeout(delay, value, options);
  }
  const { ref = true, signal } = options;
  return new Promise((resolve) => {
    const onAbort = () => {
      clear(timer);
      resolve(realPromised.setTimeout(delay, value, options));
    };
    const onTime = () => {
      if (signal) signal.removeEventListener('abort', onAbort);
      resolve(value);
    };
    const timer = new Timeout(onTime, delay, undefined, false, ref);
    if (signal) signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function* promisedInterval(delay, value, options = {}) {
  if (typeof options !== 'object' || options === null || !isPlain(delay, options)) {
    yield* realPromised.setInterval(delay, value, options);
    return;
  }
  const { ref = true, signal } = options;
  let rung = 0;
  let wake = () => {};
  const onAbort = () => wake();
  const onTime = () => {
    rung++;
    wake();
  };
  const timer = new Timeout(onTime, delay, undefined, true, ref);
  if (signal) signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      if (signal && signal.aborted) await realPromised.setTimeout(delay, value, { signal });
      if (rung === 0) {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      for (; rung > 0 && !(signal && signal.aborted); rung--) yield value;
    }
  } finally {
    clear(timer);
    if (signal) signal.removeEventListener('abort', onAbort);
  }
}

function replaceTimers() {
  const clearTimeout = clearerOf(realClearTimeout);
  const clearInterval = clearerOf(realClearInterval);
  Object.defineProperty(clearTimeout, 'name', { value: 'clearTimeout' });
  Object.defineProperty(clearInterval, 'name', { value: 'clearInterval' });
  Object.defineProperty(promisedTimeout, 'name', { value: 'setTimeout' });
  Object.defineProperty(promisedInterval, 'name', { value: 'setInterval' });
  setTimeout[promisify.custom] = promisedTimeout;
  Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  Object.assign(timersModule, { setTimeout, clearTimeout, setInterval, clearInterval });
  Object.assign(promisesModule, { setTimeout: promisedTimeout, setInterval: promisedInterval });
  if (promisesModule.scheduler) {
    const { scheduler } = promisesModule;
    define(scheduler, 'wait', (delay, options) => promisedTimeout(delay, undefined, options));
  }
}

function replaceAbortTimeout() {
  const real = AbortSignal.timeout;
  if (!real) return;
  define(AbortSignal, 'timeout', function timeout(delay) {
    if (!(Number.isInteger(delay) && delay >= 0 && delay <= 2 ** 32 - 1)) return real.call(AbortSignal, delay);
    const controller = new AbortController();
    const onTime = () => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    };
    new Timeout(onTime, delay, undefined, false, false);
    return controller.signal;
  });
}

function replaceDate() {
  const VirtualDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  define(RealDate, 'now', () => now());
  define(RealDate.prototype, 'constructor', VirtualDate);
  define(globalThis, 'Date', VirtualDate);
}

function replaceFormats() {
  const { prototype } = Intl.DateTimeFormat;
  const format = Object.getOwnPropertyDescriptor(prototype, 'format');
  const formats = new WeakMap();
  Object.defineProperty(prototype, 'format', {
    ...format,
    get() {
      const real = format.get.call(this);
      if (!formats.has(real)) formats.set(real, (date) => real(date === undefined ? now() : date));
      return formats.get(real);
    },
  });
  const { formatToParts } = prototype;
  define(prototype, 'formatToParts', function (date) {
    return formatToParts.call(this, date === undefined ? now() : date);
  });
}

function replaceTemporal() {
  if (typeof Temporal === 'undefined') return;
  const { Now, Instant } = Temporal;
  const instant = () => Instant.fromEpochMilliseconds(now());
  const zoned = (zone = Now.timeZoneId()) => instant().toZonedDateTimeISO(zone);
  define(Now, 'instant', instant);
  define(Now, 'zonedDateTimeISO', zoned);
  define(Now, 'plainDateTimeISO', (zone) => zoned(zone).toPlainDateTime());
  define(Now, 'plainDateISO', (zone) => zoned(zone).toPlainDate());
  define(Now, 'plainTimeISO', (zone) => zoned(zone).toPlainTime());
}

function replacePerformance() {
  const { performance } = require('perf_hooks');
  const elapsed = () => now() - origin;
  define(performance, 'now', elapsed);
  Object.defineProperty(performance, 'timeOrigin', { configurable: true, enumerable: true, get: () => origin });
  const { mark, measure } = performance;
  define(performance, 'mark', (name, options = {}) =>
    mark.call(performance, name, {
      ...options,
      startTime: options.startTime === undefined ? elapsed() : options.startTime,
    })
  );
  // An end that is left out is the present.
  define(performance, 'measure', (name, start, end) => {
    const bounds = typeof start === 'object' && start !== null ? { ...start } : { start, end };
    if (bounds.start === undefined && bounds.duration === undefined) bounds.start = 0;
    if (bounds.end === undefined && !(bounds.start !== undefined && bounds.duration !== undefined))
      bounds.end = elapsed();
    for (const side of ['start', 'end']) if (bounds[side] === undefined) delete bounds[side];
    return measure.call(performance, name, bounds);
  });
}

function replaceProcess() {
  const bigint = () => BigInt(now() - origin) * 1_000_000n;
  const hrtime = (previous) => {
    const ms = now() - origin;
    const seconds = Math.floor(ms / 1000);
    const nanoseconds = (ms % 1000) * 1e6;
    if (previous === undefined) return [seconds, nanoseconds];
    const difference = (seconds - previous[0]) * 1e9 + nanoseconds - previous[1];
    return [Math.floor(difference / 1e9), ((difference % 1e9) + 1e9) % 1e9];
  };
  hrtime.bigint = bigint;
  define(process, 'hrtime', hrtime);
  define(process, 'uptime', () => (now() - origin) / 1000);
}

function define(object, name, value) {
  const { enumerable = false } = Object.getOwnPropertyDescriptor(object, name) || {};
  if (typeof value === 'function' && value.name !== name && name !== 'Date' && name !== 'constructor') {
    Object.defineProperty(value, 'name', { value: name, configurable: true });
  }
  Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable });
}

/* What lives in the machine's time for all that: told once. */

const LEAKS = {
  child_process: ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'],
  vm: ['createContext', 'runInNewContext'],
};

function watchLeaks(onLeak) {
  let inside = false;
  /** Tells of the call that the function made, not of those that Node makes for it. */
  const watched = (what, real) =>
    function (...args) {
      const outer = inside;
      if (!outer) onLeak(what);
      inside = true;
      try {
        return real.apply(this, args);
      } finally {
        inside = outer;
      }
    };
  for (const name of Object.keys(LEAKS)) {
    const exported = require(name);
    for (const method of LEAKS[name]) {
      const real = exported[method];
      const told = watched(`${name}.${method}`, real);
      if (real[promisify.custom]) told[promisify.custom] = watched(`${name}.${method}`, real[promisify.custom]);
      define(exported, method, told);
    }
  }
  const workers = require('worker_threads');
  workers.Worker = new Proxy(workers.Worker, {
    construct: (target, args, newTarget) => {
      onLeak('worker_threads.Worker');
      return Reflect.construct(target, args, newTarget);
    },
  });
  define(Atomics, 'wait', watched('Atomics.wait', Atomics.wait));
}

/**
 * Puts the function into engine time, from a moment on. `onLeak(what)` hears of what lives in the machine's time,
 * `onArm(due)` of every timer that is set.
 */
function install(moment, atPace, { onLeak, onArm }) {
  set(moment, atPace);
  origin = base;
  onTimer = onArm;
  replaceTimers();
  replaceAbortTimeout();
  replaceDate();
  replaceFormats();
  replaceTemporal();
  replacePerformance();
  replaceProcess();
  watchLeaks(onLeak);
  require('module').syncBuiltinESMExports();
}

module.exports = { install, now, set, ringDue, firstDue, hasRef };
