/*
 * The channel to the engine: typed frames over the Unix socket that this process inherited as descriptor 3
 * (see ../README.md). Frames are written synchronously, so that a log line is out before the next statement
 * runs and nothing is lost when the process exits; they are read by the event loop.
 *
 * Like all files here it is written in ES5, for the oldest Node that Lambda ever had.
 */
'use strict';

var fs = require('fs');
var net = require('net');

var DESCRIPTOR = 3;
var PREFIX_BYTES = 8;
var CHUNK_BYTES = 64 * 1024;
var writeSync = fs.writeSync;
var readSync = fs.readSync;
var setImmediate = global.setImmediate;
var wait = typeof Atomics === 'object' && typeof SharedArrayBuffer === 'function' ? Atomics.wait : undefined;
var exit = process.reallyExit ? process.reallyExit.bind(process) : process.exit.bind(process);

var modern = typeof Buffer.from === 'function' && Buffer.from !== Uint8Array.from;

function bytes(text) {
  return modern ? Buffer.from(text) : new Buffer(text);
}

function allocate(length) {
  return modern ? Buffer.allocUnsafe(length) : new Buffer(length);
}

var EMPTY = bytes('');

/** Waits a millisecond without giving up the thread. */
function pause() {
  if (wait) wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

function writeAll(buffer) {
  var offset = 0;
  while (offset < buffer.length) {
    try {
      offset += writeSync(DESCRIPTOR, buffer, offset, buffer.length - offset, null);
    } catch (error) {
      if (error.code !== 'EAGAIN') exit(1);
      pause();
    }
  }
}

/** Sends one frame: `header` is a JSON object with a `type`, `body` a Buffer or a string. */
function send(header, body) {
  var head = bytes(JSON.stringify(header));
  var content = body === undefined ? EMPTY : typeof body === 'string' ? bytes(body) : body;
  var frame = allocate(PREFIX_BYTES + head.length + content.length);
  frame.writeUInt32BE(head.length, 0);
  frame.writeUInt32BE(content.length, 4);
  head.copy(frame, PREFIX_BYTES);
  content.copy(frame, PREFIX_BYTES + head.length);
  writeAll(frame);
}

/** Takes the first whole frame off `pending`, or returns undefined when it has not arrived yet. */
function takeFrame(pending) {
  if (pending.length < PREFIX_BYTES) return undefined;
  var headEnd = PREFIX_BYTES + pending.readUInt32BE(0);
  var end = headEnd + pending.readUInt32BE(4);
  if (pending.length < end) return undefined;
  return {
    header: JSON.parse(pending.toString('utf8', PREFIX_BYTES, headEnd)),
    body: pending.slice(headEnd, end),
    rest: pending.slice(end),
  };
}

/** What has arrived of frames that are not whole yet. */
var chunks = [];
var length = 0;
var wanted = PREFIX_BYTES;

/** Takes in what has arrived; `onFrame(header, body)` gets every frame that is whole by now. */
function feed(chunk, onFrame) {
  chunks.push(chunk);
  length += chunk.length;
  if (length < wanted) return;
  var pending = chunks.length === 1 ? chunk : Buffer.concat(chunks, length);
  var frames = [];
  for (var frame = takeFrame(pending); frame; frame = takeFrame(pending)) {
    pending = frame.rest;
    frames.push(frame);
  }
  chunks = [pending];
  length = pending.length;
  wanted = length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + pending.readUInt32BE(0) + pending.readUInt32BE(4);
  frames.forEach(function (whole) {
    onFrame(whole.header, whole.body);
  });
}

var take = function () {};

/**
 * Opens the channel. `onFrame(header, body)` gets every frame. The process ends when the engine does. Returns the
 * socket, for `ref` and `unref`: an invocation waits for an event loop in which nothing but the channel is left.
 */
function open(onFrame) {
  var socket = new net.Socket({ fd: DESCRIPTOR, readable: true, writable: false });
  take = onFrame;
  socket.on('data', function (chunk) {
    feed(chunk, onFrame);
  });
  var over = function () {
    exit(0);
  };
  socket.on('end', over);
  socket.on('error', over);
  socket.on('close', over);
  return socket;
}

/** Reads what has arrived, and waits for it. */
function readNow() {
  var chunk = allocate(CHUNK_BYTES);
  for (;;) {
    try {
      var count = readSync(DESCRIPTOR, chunk, 0, CHUNK_BYTES, null);
      if (count === 0) exit(0);
      return chunk.slice(0, count);
    } catch (error) {
      if (error.code !== 'EAGAIN') exit(1);
      pause();
    }
  }
}

/** Sends a frame and waits, without the event loop, for the one that answers it: its header has the same type. */
function ask(header) {
  var answer;
  send(header);
  while (!answer) {
    feed(readNow(), function (other, body) {
      if (other.type === header.type) answer = other;
      else
        setImmediate(function () {
          take(other, body);
        });
    });
  }
  return answer;
}

module.exports = { open: open, send: send, ask: ask, bytes: bytes };
