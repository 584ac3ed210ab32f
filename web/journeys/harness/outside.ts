// The rest of the world, which the dashboard never asks for anything. The browser takes it for its proxy, so that all requests
// come here that are not for this machine, from pages and workers alike; none is answered.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** The browser itself asks its maker how to fill in forms. */
const OF_THE_BROWSER = /^CONNECT content-autofill\.googleapis\.com:443 /;

export class Outside {
  readonly #server: Server;
  /** What was asked for. */
  readonly asked: string[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        const [asked = ''] = head.toString('latin1').split('\r\n', 1);
        if (!OF_THE_BROWSER.test(asked)) this.asked.push(asked);
        socket.destroy();
      });
    });
  }

  static async begin(): Promise<Outside> {
    const outside = new Outside();
    outside.#server.listen(0, '127.0.0.1');
    await once(outside.#server, 'listening');
    return outside;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}
