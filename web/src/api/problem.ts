import type { Problem as View } from './types';

/** What the server, or the way to it, has against a request. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** The status of the answer; 0, where there was none. */
  readonly status: number;
  /** The field that is at fault, where one is. */
  readonly field: string | undefined;
  /** What is wrong, where it is more than one thing. */
  readonly errors: string[];

  constructor(status: number, detail: string, field?: string, errors: string[] = []) {
    super(detail);
    this.status = status;
    this.field = field;
    this.errors = errors;
  }

  /** What an answer that is no success says. */
  static async of(answer: Response): Promise<Problem> {
    const view = (await answer.json().catch(() => ({}))) as Partial<View>;
    return new Problem(answer.status, view.detail ?? `${answer.status} ${answer.statusText}`, view.field, view.errors);
  }
}

/** Whatever was thrown, as a problem that can be shown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(0, thrown instanceof Error ? thrown.message : String(thrown));
}
