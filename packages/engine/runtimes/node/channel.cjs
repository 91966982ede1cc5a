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
var writeSync = fs.writeSync;
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

/**
 * Opens the channel. `onFrame(header, body)` gets every frame. The process ends when the engine does. Returns the
 * socket, for `ref` and `unref`: an invocation waits for an event loop in which nothing but the channel is left.
 */
function open(onFrame) {
  var socket = new net.Socket({ fd: DESCRIPTOR, readable: true, writable: false });
  var chunks = [];
  var length = 0;
  var wanted = PREFIX_BYTES;
  socket.on('data', function (chunk) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    var pending = chunks.length === 1 ? chunk : Buffer.concat(chunks, length);
    var frame = takeFrame(pending);
    while (frame) {
      pending = frame.rest;
      onFrame(frame.header, frame.body);
      frame = takeFrame(pending);
    }
    chunks = [pending];
    length = pending.length;
    wanted = length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + pending.readUInt32BE(0) + pending.readUInt32BE(4);
  });
  var over = function () {
    exit(0);
  };
  socket.on('end', over);
  socket.on('error', over);
  socket.on('close', over);
  return socket;
}

module.exports = { open: open, send: send, bytes: bytes };
