'use strict';

// A server of GraphQL subscriptions by graphql-ws. Arguments: port, folder.
//
// subscription { news { title text } } needs connection_init with
// {"Authorization":"Bearer hush-hush"}; another token is refused with 4403, and
// none with 4401 at the subscription. It pings every second. POST
// /publish?key=K with the text as body is one piece of news. POST /refuse closes
// all connections with 4403. GET /clients?room=pongs is 1 once a ping was
// answered, room=news counts the subscriptions. GET / answers with the process id.

const http = require('http');
const { WebSocketServer } = require('ws');
const { buildSchema, parse, validate } = require('graphql');
const { useServer } = require('graphql-ws/use/ws');

const schema = buildSchema('type Query { ok: Boolean } type Story { title: String text: String } type Subscription { news: Story }');
const listeners = new Set();
let pongs = 0;

// A generator would stay until the next piece of news.
function news() {
  const queue = [];
  let wake = () => {};
  const listener = (story) => { queue.push(story); wake(); };
  listeners.add(listener);
  return {
    [Symbol.asyncIterator]() { return this; },
    async next() {
      while (!queue.length) await new Promise((resolve) => { wake = resolve; });
      return { value: { news: queue.shift() }, done: false };
    },
    async return() {
      listeners.delete(listener);
      return { value: undefined, done: true };
    },
  };
}
schema.getSubscriptionType().getFields().news.subscribe = news;

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    switch (req.method + ' ' + url.pathname) {
      case 'POST /publish':
        for (const listener of listeners) listener({ title: url.searchParams.get('key'), text: body });
        break;
      case 'POST /refuse': for (const ws of wss.clients) ws.close(4403, 'Forbidden'); break;
      case 'GET /clients': return res.end(String(url.searchParams.get('room') === 'pongs' ? Math.min(pongs, 1) : listeners.size));
      case 'GET /': return res.end(String(process.pid));
      default: res.statusCode = 404;
    }
    res.end();
  });
});

const wss = new WebSocketServer({ server, path: '/graphql' });
useServer({
  schema,
  onConnect: (ctx) => {
    const token = (ctx.connectionParams || {}).Authorization;
    setInterval(() => ctx.extra.socket.readyState === 1 && ctx.extra.socket.send('{"type":"ping"}'), 1000).unref();
    ctx.extra.socket.on('message', (data) => { if (JSON.parse(data).type === 'pong') pongs++; });
    return token === undefined || token === 'Bearer hush-hush';
  },
  onSubscribe: (ctx, id, payload) => {
    if (!ctx.connectionParams || !ctx.connectionParams.Authorization) return ctx.extra.socket.close(4401, 'Unauthorized');
    const args = { schema, document: parse(payload.query) };
    const errors = validate(args.schema, args.document);
    return errors.length ? errors : args;
  },
}, wss);
server.listen(Number(process.argv[2]), '127.0.0.1');
