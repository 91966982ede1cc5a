/* The least that a JSON API costs: node:http, a body read and parsed, an answer written. It tells where it listens. */
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const input = parts.length > 0 ? JSON.parse(Buffer.concat(parts).toString()) : {};
    const body = JSON.stringify({ members: Object.keys(input).length });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const ready = { endpoint: `http://127.0.0.1:${server.address().port}` };
  if (process.send) process.send(ready);
  else console.log(JSON.stringify(ready));
});
