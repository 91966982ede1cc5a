/*
 * What a process waits for while an init phase or an invocation is under way.
 *
 * With nothing left in its event loop but virtual timers it is quiet, which Node itself tells (`beforeExit`): it says
 * until when it waits, and the engine's time may move. What else keeps the loop alive (a socket, a file, a child, a
 * thread) keeps time from moving. But not for longer than the function waits for it: a timer that as much of the
 * machine's time has passed for is waited for as if the process were quiet, so that a time limit on a request that
 * nobody answers does come, and an idle connection that is left open does not stop the world.
 */
'use strict';

var timers = require('timers');

/** How soon, and then how often, a process that is not quiet says what for. */
var TELL_MS = { first: 100, next: 500 };

/** How long something else is waited for, at the least, before it is taken for what does not come. */
var PATIENCE_MS = 1000;

/** A look that comes so late had the function's own computing before it, which is no waiting. */
var LATE_MS = 20;

/** `virtual` is undefined in the machine's time. */
function create(send, socket, virtual) {
  // The globals of the oldest Node ask the module each time.
  var later = timers.setTimeout;
  var cancel = timers.clearTimeout;
  var soon = setImmediate;
  var machineNow = Date.now;

  /** Whether an init phase or an invocation is under way. */
  var busy = false;
  /** The moment that the engine was told last; undefined when the process is not known to wait. */
  var until;
  var watch;
  /** When the watch is to ring, by the machine. */
  var watchDue = 0;
  var patience = PATIENCE_MS;
  /** When, by the machine, this stretch of standing time began, and when engine time stood there. */
  var since = 0;
  var from = 0;
  var pace = 0;
  var told = {};
  /** Node's names of what there is when nothing is under way. */
  var ours = [];

  function begin(frame) {
    if (ours.length === 0) ours = resources();
    busy = true;
    patience = PATIENCE_MS;
    socket.unref();
    if (virtual) stand(frame);
  }

  function end() {
    busy = false;
    until = undefined;
    cancel(watch);
    socket.ref();
  }

  /** Time stands from here on, or runs at a pace. */
  function stand(frame) {
    until = undefined;
    since = machineNow();
    from = virtual.now();
    pace = frame.pace;
    watchIn(TELL_MS.first);
  }

  function watchIn(ms) {
    cancel(watch);
    var due = virtual.firstDue();
    var left = due === undefined ? ms : Math.max(1, Math.min(ms, msUntil(due)));
    watchDue = machineNow() + left;
    watch = later(look, left);
    watch.unref();
  }

  /** Of the machine's time. */
  function msUntil(due) {
    var whole = pace > 0 ? (due - from) / pace : Math.max(due - from, patience);
    return whole - (machineNow() - since);
  }

  /** Only a process that is not quiet comes here. */
  function look() {
    if (!busy || until !== undefined) return;
    var lateMs = machineNow() - watchDue;
    if (lateMs > LATE_MS) since += lateMs;
    var due = virtual.firstDue();
    if (due !== undefined && msUntil(due) <= 0) {
      patience = 0;
      return tell(due);
    }
    send({ type: 'busy', resources: resources() });
    watchIn(TELL_MS.next);
  }

  /** What else keeps the loop alive, or may: with timers, Node lists the engine's channel and standard output. */
  function resources() {
    var listed = process.getActiveResourcesInfo ? process.getActiveResourcesInfo() : [];
    ours.forEach(function (name) {
      if (listed.indexOf(name) >= 0) listed.splice(listed.indexOf(name), 1);
    });
    return listed.filter(function (name) {
      return name !== 'Timeout' && name !== 'Immediate';
    });
  }

  function tell(due) {
    until = due;
    send({ type: 'waiting', until: due });
  }

  /** Called when the event loop is empty: returns whether it is timers that are waited for. */
  function forTimers() {
    if (!virtual || !busy || !virtual.hasRef()) return false;
    socket.ref();
    if (until !== virtual.firstDue()) tell(virtual.firstDue());
    return true;
  }

  /** The engine's time has moved. */
  function over(frame) {
    if (!busy) return;
    socket.unref();
    virtual.set(frame.now, frame.pace);
    stand(frame);
    virtual.ringDue();
  }

  /** The engine's time may move: what the process waits for is an answer that waits for time. */
  function aside() {
    if (!busy) return;
    if (virtual && virtual.firstDue() !== undefined) tell(virtual.firstDue());
    else send({ type: 'aside' });
  }

  /** A timer that is set by what goes on while the engine knows of a later one: an idle socket that closed. */
  function onArm(due) {
    if (until === undefined || due >= until) return;
    soon(function () {
      if (busy && until !== undefined && virtual.firstDue() < until) tell(virtual.firstDue());
    });
  }

  function tellLeak(what) {
    if (told[what]) return;
    told[what] = true;
    send({ type: 'leak', what: what });
  }

  return {
    begin: begin,
    end: end,
    forTimers: forTimers,
    over: over,
    aside: aside,
    onArm: onArm,
    tellLeak: tellLeak,
  };
}

module.exports = { create: create };
