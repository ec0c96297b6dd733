'use strict';

// A Socket.IO server with connection state recovery. Arguments: port, folder.
//
// The namespace /news wants {"token":"hush-hush"} in CONNECT; the main one
// wants nothing. POST /publish?room=news&key=K with the text as body emits
// ["story", {"title":K,"text":TEXT}] there, room=main in the main one. POST /cut
// breaks all connections and publishes three texts to /news once they are gone.
// GET /clients?room=news counts its sockets. GET / answers with the process id.

const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer();
const io = new Server(server, { pingInterval: 1000, connectionStateRecovery: { maxDisconnectionDuration: 120000 } });
const namespaces = { main: io.of('/'), news: io.of('/news') };
io.of('/').on('connection', () => {});
io.of('/news').use((socket, next) => next(socket.handshake.auth.token === 'hush-hush' ? undefined : new Error('bad token')));
io.of('/news').on('connection', () => {});

const publish = (room, key, text) => namespaces[room].emit('story', { title: key, text });

function cut(done) {
  const sockets = [...io.of('/news').sockets.values()];
  let left = sockets.length;
  for (const socket of sockets) {
    socket.on('disconnect', () => {
      if (--left) return;
      for (const n of [1, 2, 3]) publish('news', 'missed-' + n, 'text ' + n);
      done();
    });
    socket.conn.transport.socket.terminate();
  }
}

server.on('request', (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname.startsWith('/socket.io/')) return;
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    const room = url.searchParams.get('room');
    switch (req.method + ' ' + url.pathname) {
      case 'POST /publish': publish(room, url.searchParams.get('key'), body); break;
      case 'POST /cut': return cut(() => res.end());
      case 'GET /clients': return res.end(String(namespaces[room].sockets.size));
      case 'GET /': return res.end(String(process.pid));
      default: res.statusCode = 404;
    }
    res.end();
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
