// Server-sent events, read from an answer. Not by the browser's `EventSource`, which does not tell why it was refused, and takes an
// event of its own for each of thousands of readings a second.

export interface Told {
  kind: string;
  data: string;
  /** The number of the entry of the journal that it tells of, once that is stored. */
  id: number | undefined;
}

/** Reads until the server ends it. What has come together is told together. */
export async function readEvents(body: ReadableStream<Uint8Array>, tell: (told: Told[]) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    const told = blocks.map(parse).filter((one) => one !== undefined);
    if (told.length > 0) tell(told);
  }
}

function parse(block: string): Told | undefined {
  let kind = 'message';
  let data: string | undefined;
  let id: number | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('data: ')) data = line.slice(6);
    else if (line.startsWith('event: ')) kind = line.slice(7);
    else if (line.startsWith('id: ')) id = Number(line.slice(4));
  }
  return data === undefined ? undefined : { kind, data, id };
}
