// node notify.mjs URL: an event stream as notifications, with the modules that
// are used most for either. eventsource connects again and resumes from the
// last id while it runs; nothing is stored.
import { EventSource } from 'eventsource';
import notifier from 'node-notifier';

new EventSource(process.argv[2]).onmessage = (event) => {
  const { title, body } = JSON.parse(event.data);
  notifier.notify({ title, message: body });
};
