/*
 * Tells when the event loop has nothing left to do. Node says so itself since 0.12 (`beforeExit`). The one before just
 * ends: where it has to wait for a moment of virtual time, it is kept alive and looked at.
 */
'use strict';

/** How soon, and how seldom at the most, it is looked at, in milliseconds of the machine's time. */
var LOOK_MS = { first: 1, most: 50 };

/**
 * `onQuiet` is called when nothing but `socket` is left in the event loop. Returns what the bootstrap refs and unrefs in
 * the socket's place, which it does at the end and at the beginning of an init phase or invocation.
 */
function watch(socket, isVirtual, onQuiet) {
  if (!isVirtual || process.version.indexOf('v0.') !== 0) {
    process.on('beforeExit', onQuiet);
    return socket;
  }
  var later = require('timers').setTimeout;
  var ours;
  var isBusy = false;
  var wait = LOOK_MS.most;
  var look = function () {
    var others = process._getActiveHandles().filter(function (handle) {
      return ours.indexOf(handle) < 0 && !(handle && handle.constructor && handle.constructor.name === 'Timer');
    });
    var isQuiet = others.length === 0 && process._getActiveRequests().length === 0;
    wait = isQuiet ? Math.min(wait * 2, LOOK_MS.most) : LOOK_MS.first;
    if (!isBusy) return;
    if (isQuiet) onQuiet();
    later(look, wait);
  };
  return {
    ref: function () {
      isBusy = false;
    },
    unref: function () {
      ours = ours || process._getActiveHandles();
      wait = LOOK_MS.first;
      if (!isBusy) later(look, wait);
      isBusy = true;
    },
  };
}

module.exports = { watch: watch };
