import { expect, test } from 'vitest';
import { readEvents, type Told } from './stream';

/** The text, in pieces of so many bytes. */
function inPieces(text: string, length: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start: (write) => {
      for (let at = 0; at < bytes.length; at += length) write.enqueue(bytes.slice(at, at + length));
      write.close();
    },
  });
}

test('events are read however they are cut', async () => {
  const text =
    'id: 7\nevent: event\ndata: {"text":"Küche 🔥"}\n\n: nothing\n\nevent: heartbeat\ndata: {}\n\nevent: cut\nda';
  for (let length = 1; length < 40; length += 1) {
    const told: Told[] = [];
    await readEvents(inPieces(text, length), (some) => told.push(...some));
    expect(told).toEqual([
      { kind: 'event', data: '{"text":"Küche 🔥"}', id: 7 },
      { kind: 'heartbeat', data: '{}', id: undefined },
    ]);
  }
});
