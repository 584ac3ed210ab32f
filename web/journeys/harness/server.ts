// The real server, on ports of its own and with a data folder that goes with it.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Role } from '../../src/api/types';
import { Client } from './client';
import { SensorNode } from './node';
import { POE, temporary } from './paths';
import { Program } from './program';

export const PASSWORD = 'four words that nobody else says';

export class Server {
  readonly data = temporary();
  readonly #args: string[];
  readonly #clients = new Map<Role, Promise<Client>>();
  readonly #nodes: SensorNode[] = [];
  #program!: Program;
  #nodePort = 0;
  #httpPort = 0;

  private constructor(args: string[]) {
    this.#args = args;
  }

  static async start(...args: string[]): Promise<Server> {
    const server = new Server(args);
    await server.start();
    return server;
  }

  /** The address of the dashboard. */
  get url(): string {
    return `http://127.0.0.1:${this.#httpPort}/`;
  }

  /** Where nodes connect. */
  get nodePort(): number {
    return this.#nodePort;
  }

  /** What it has said since it was started the last time. */
  get said(): string {
    return this.#program.said;
  }

  /** The one-time token that makes the first account. */
  get setupToken(): string {
    return readFileSync(this.#tokenFile, 'utf8').trim();
  }

  get #tokenFile(): string {
    return `${this.data}/setup-token`;
  }

  /** Starts it; after an end, with what it knew and where it was. */
  async start(): Promise<void> {
    const [listen, http] = [this.#nodePort, this.#httpPort].map((port) => `127.0.0.1:${port}`) as [string, string];
    const settings = ['--data-dir', this.data, '--listen', listen, '--http', http, '--console', 'off'];
    this.#program = new Program(POE, ['serve', ...settings, ...this.#args]);
    this.#nodePort = Number((await this.#program.says(/^listening tcp .*:(\d+)$/m))[1]);
    this.#httpPort = Number((await this.#program.says(/^listening http .*:(\d+)$/m))[1]);
  }

  /** Somebody with this role, who is called as the role. The first account is made by the way. */
  as(role: Role): Promise<Client> {
    const known = this.#clients.get(role);
    if (known) return known;
    const client = role === 'admin' ? this.#first() : this.#further(role);
    this.#clients.set(role, client);
    // What has failed once may go well the next time.
    client.catch(() => this.#clients.delete(role));
    return client;
  }

  /** A node that speaks, at an address of its own. */
  async node(address: string): Promise<SensorNode> {
    const known = this.#nodes.find((one) => one.address === address);
    if (known) {
      // A journey that is told once more meets the same node, which has said nothing yet.
      known.begin();
      return known;
    }
    const node = await SensorNode.connect(this.#nodePort, address);
    this.#nodes.push(node);
    return node;
  }

  /** Holds all of it still, as a machine does that hangs; its connections stay. */
  freeze(): void {
    this.#program.signal('SIGSTOP');
  }

  thaw(): void {
    this.#program.signal('SIGCONT');
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#program.end('SIGKILL');
  }

  /** Ends it, and all that is connected to it, and forgets what it knew. */
  async end(): Promise<void> {
    for (const node of this.#nodes) node.end();
    await this.#program.end();
    rmSync(this.data, { recursive: true, force: true });
  }

  async #first(): Promise<Client> {
    const client = new Client(() => this.url);
    if (existsSync(this.#tokenFile)) {
      await client.call('POST /api/v1/setup', { body: { token: this.setupToken, name: 'admin', password: PASSWORD } });
    } else {
      await client.login('admin');
    }
    return client;
  }

  async #further(role: Role): Promise<Client> {
    const admin = await this.as('admin');
    await admin.make('POST /api/v1/users', { body: { name: role, role, password: PASSWORD } });
    const client = new Client(() => this.url);
    await client.login(role);
    return client;
  }
}
