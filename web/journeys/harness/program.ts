// A program that a journey starts, and that ends with it, whatever happens.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An orderly end may take so long; then it is made. */
const END_MS = 5_000;

export class Program {
  readonly #child: ChildProcess;
  readonly #told: string[] = [];
  readonly #ended: Promise<unknown>;
  readonly #atExit = () => void this.#child.kill('SIGKILL');

  constructor(path: string, args: string[]) {
    this.#child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'exit').catch((cause: unknown) => this.#told.push(String(cause)));
    process.on('exit', this.#atExit);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#told.push(line));
    }
  }

  /** All that it has said so far. */
  get said(): string {
    return this.#told.join('\n');
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until it says this, and gives what was found. */
  async says(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    for (const until = Date.now() + withinMs; Date.now() < until;) {
      const found = pattern.exec(this.said);
      if (found) return found;
      if (this.hasEnded) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${this.#child.spawnfile} did not say ${pattern}; it said:\n${this.said}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it, in order if it can. */
  async end(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(how);
    this.#child.kill('SIGCONT');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#ended;
    clearTimeout(late);
    process.off('exit', this.#atExit);
  }
}
