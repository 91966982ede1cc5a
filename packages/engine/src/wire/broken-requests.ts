/*
 * Requests that are no HTTP, too long in the head or too slow to come: answered in a line before the connection ends,
 * in no protocol of AWS's, since none is known yet.
 */
import type { Duplex } from 'node:stream';

interface Answer {
  readonly status: string;
  readonly words: string;
}

/** By the code of Node's error. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    words: 'The headers of the request are longer than Carillon takes.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', words: 'The request took too long to come.' },
};
const BROKEN: Answer = { status: '400 Bad Request', words: 'What came is not a request of HTTP/1.1.' };

/** Handles a server's `clientError`. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, words } = ANSWERS[error.code ?? ''] ?? BROKEN;
  const body = `${words}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
