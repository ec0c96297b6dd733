'use strict';

// A server of event streams by better-sse. Arguments: port, folder.
//
// GET /events is the stream; what was published is kept in memory and replayed
// behind Last-Event-ID. POST /publish?key=K with the text as body is one event.
// POST /drop breaks all connections. GET /clients counts the streams. GET /
// answers with the process id.

const http = require('http');
const { createSession, createChannel } = require('better-sse');

const channel = createChannel();
const history = [];
const sockets = new Set();

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname === '/events') {
    createSession(req, res, { keepAlive: 1000, retry: 1000 }).then((session) => {
      const at = history.findIndex((event) => event.id === session.lastId);
      if (at >= 0) for (const event of history.slice(at + 1)) session.push(event.data, 'story', event.id);
      channel.register(session);
    });
    return;
  }
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    switch (req.method + ' ' + url.pathname) {
      case 'POST /publish': {
        const event = { id: url.searchParams.get('key'), data: { title: 'No. ' + url.searchParams.get('key'), text: body } };
        history.push(event);
        channel.broadcast(event.data, 'story', { eventId: event.id });
        break;
      }
      case 'POST /drop': for (const socket of sockets) if (socket !== req.socket) socket.destroy(); break;
      case 'GET /clients': return res.end(String(channel.sessionCount));
      case 'GET /': return res.end(String(process.pid));
      default: res.statusCode = 404;
    }
    res.end();
  });
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
