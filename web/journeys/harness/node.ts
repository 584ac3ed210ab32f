// A sensor node, as they are in the field: four bytes a frame, over TCP, from an address of its own.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { SensorKind } from '../../src/api/types';

const POST = 1;
const KINDS: SensorKind[] = ['FIRE', 'SMOKE', 'MOTION', 'HUMIDITY', 'TEMPERATURE', 'WATER'];
/** A node that is silent for 10 s is late. */
const SPEAKS_EVERY_MS = 1_000;
const CONNECTS_AGAIN_AFTER_MS = 200;

export class SensorNode {
  readonly address: string;
  readonly #port: number;
  readonly #frames = new Map<number, Buffer>();
  #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  private constructor(port: number, address: string) {
    this.#port = port;
    this.address = address;
    this.#socket = this.#connect();
    this.speak();
  }

  static async connect(port: number, address: string): Promise<SensorNode> {
    const node = new SensorNode(port, address);
    await once(node.#socket, 'connect');
    return node;
  }

  /** What the server calls one of its sensors. */
  key(id: number): string {
    return `${this.address}_${id}`;
  }

  /** Sends a reading, and again every second; gives the moment at which it was sent, in milliseconds since 1970. */
  post(id: number, kind: SensorKind, value: number): number {
    const frame = Buffer.from([POST, id, KINDS.indexOf(kind), value]);
    this.#frames.set(id, frame);
    const at = Date.now();
    this.#socket.write(frame);
    return at;
  }

  /** Forgets what it has told, as a node does that was switched off and on. */
  begin(): void {
    this.#frames.clear();
    this.speak();
  }

  /** Goes on telling its latest readings. */
  speak(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const burst = Buffer.concat([...this.#frames.values()]);
      if (burst.length > 0 && this.#socket.writable) this.#socket.write(burst);
    }, SPEAKS_EVERY_MS);
  }

  /** Stays connected and says nothing, as a node does that hangs. */
  fallSilent(): void {
    clearInterval(this.#timer);
  }

  end(): void {
    this.#hasEnded = true;
    this.fallSilent();
    this.#socket.destroy();
  }

  /** A server that goes away is what some journeys are about: a node comes back to it. */
  #connect(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, localAddress: this.address, noDelay: true });
    socket.on('error', () => {});
    socket.on('close', () => {
      setTimeout(() => {
        if (!this.#hasEnded) this.#socket = this.#connect();
      }, CONNECTS_AGAIN_AFTER_MS);
    });
    return socket;
  }
}
