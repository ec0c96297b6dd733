'use strict';

// A WebSocket server of rooms. Arguments: port, folder for the history.
//
// A room is joined by the query (?room=a) or by a frame {"type":"join",
// "room":"a"}. Its messages are {"seq":1,"data":"…"}, numbered from 1.
// {"type":"resume","room":"a","last_seq":7} joins it and sends 8 and what
// follows; the room may be left out where the query names it. "ping" is
// answered with "pong", {"type":"ping"} with {"type":"pong","time":…}.
// With ?token=T nothing is heard before {"type":"auth","access_token":T}:
// any other first frame is refused with code 4401, which quotes the token.
//
// With ?envelope=1 a message is {"type":"event","seq":1,"data":{"title":"…",
// "message":"…"}}, and {"type":"ack","seq":1} acknowledges it. GET
// /acks?room=a is the list of those, in the order of their arrival; resuming
// acknowledges what came before.
//
// POST /publish?room=a&key=K with the data as body adds one message, once for
// each key. GET /clients?room=a counts who has joined. POST /drop breaks all
// connections. POST /silent stops all answers to heartbeats, POST /loud
// starts them again. GET / answers with the process id.

const fs = require('fs');
const http = require('http');
const path = require('path');
const { WebSocketServer } = require('ws');

const [port, folder] = [Number(process.argv[2]), process.argv[3]];
const rooms = new Map();
let silent = false;

function room(name) {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error('no such room');
  if (!rooms.has(name)) {
    const file = path.join(folder, name + '.jsonl');
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    // What a kill cut off has no line end, and was never acknowledged.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) fs.writeFileSync(file, whole);
    const messages = whole.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    rooms.set(name, { file, messages, keys: new Set(messages.map((m) => m.key)), clients: new Set(), acks: [] });
  }
  return rooms.get(name);
}

const show = (m, ws) => JSON.stringify(ws.envelope
  ? { type: 'event', seq: m.seq, data: { title: 'No. ' + m.seq, message: m.data } }
  : { seq: m.seq, data: m.data });

function publish(r, key, data) {
  if (r.keys.has(key)) return;
  const m = { seq: r.messages.length + 1, key, data };
  fs.appendFileSync(r.file, JSON.stringify(m) + '\n');
  r.keys.add(key);
  r.messages.push(m);
  for (const ws of r.clients) ws.send(show(m, ws));
}

function join(ws, name, after) {
  const r = room(name);
  if (r.clients.has(ws)) return;
  if (after !== undefined) for (const m of r.messages.slice(after)) ws.send(show(m, ws));
  ws.room = r;
  r.clients.add(ws);
  ws.on('close', () => r.clients.delete(ws));
}

function heard(ws, text, query) {
  if (text === 'ping') {
    if (!silent) ws.send('pong');
    return;
  }
  const frame = JSON.parse(text);
  if (ws.wants && (frame.type !== 'auth' || frame.access_token !== ws.wants)) {
    ws.close(4401, 'bad token ' + String(frame.access_token).slice(0, 80));
    return;
  }
  switch (frame.type) {
    case 'auth':
      ws.wants = null;
      break;
    case 'ping':
      if (!silent) ws.send(JSON.stringify({ type: 'pong', time: Date.now() }));
      break;
    case 'ack':
      ws.room.acks.push(frame.seq);
      break;
    case 'join':
      join(ws, frame.room);
      break;
    case 'resume':
      join(ws, frame.room || query.get('room'), frame.last_seq);
      // Whoever goes on from here has had all before; an acknowledgement may
      // have been lost with its connection.
      for (let seq = 1; seq <= frame.last_seq; seq++) ws.room.acks.push(seq);
      break;
  }
}

const wss = new WebSocketServer({ noServer: true });
wss.on('connection', (ws, request) => {
  const query = new URL(request.url, 'http://x').searchParams;
  ws.wants = query.get('token');
  ws.envelope = query.get('envelope');
  ws.on('error', () => {});
  ws.on('message', (data) => {
    try {
      heard(ws, data.toString(), query);
    } catch (e) {
      ws.close(1008, 'bad frame');
    }
  });
  if (query.get('room') && !query.get('resume')) join(ws, query.get('room'));
});

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => { body += part; });
  req.on('end', () => {
    try {
      const name = url.searchParams.get('room');
      switch (req.method + ' ' + url.pathname) {
        case 'POST /publish': publish(room(name), url.searchParams.get('key'), body); break;
        case 'GET /clients': return res.end(String(room(name).clients.size));
        case 'GET /acks': return res.end(JSON.stringify(room(name).acks));
        case 'POST /drop': for (const ws of wss.clients) ws.terminate(); break;
        case 'POST /silent': silent = true; break;
        case 'POST /loud': silent = false; break;
        case 'GET /': return res.end(String(process.pid));
        default: res.statusCode = 404;
      }
    } catch (e) {
      res.statusCode = 400;
    }
    res.end();
  });
});
server.on('upgrade', (request, socket, head) => {
  wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
});
server.listen(port, '127.0.0.1');
