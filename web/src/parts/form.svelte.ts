// A form that is being sent: once at a time, and what the server has against it is told at the field that it is about.
import { tick } from 'svelte';
import { problemOf, type Problem } from '../api/problem';

export class Form {
  isSending = $state(false);
  problem: Problem | undefined = $state.raw();
  readonly #fields: readonly string[];

  /** The fields that have a place for what is wrong with them. */
  constructor(...fields: string[]) {
    this.#fields = fields;
  }

  /** What is wrong with a field. */
  error(field: string): string | undefined {
    return this.#isAt(field) ? this.problem?.message : undefined;
  }

  /** What is wrong, if no field of this form is at fault. */
  get rest(): Problem | undefined {
    return this.#fields.some((field) => this.#isAt(field)) ? undefined : this.problem;
  }

  /** Whether a field is at fault, or something in it: `hours[0]` is in `hours`. */
  #isAt(field: string): boolean {
    return this.problem?.field?.split(/[.[]/, 1)[0] === field;
  }

  /** Does what the form is for, as its `onsubmit`. The first field at fault gets the keyboard. */
  async submit(event: SubmitEvent, work: () => Promise<void>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement | null;
    if (!(await this.send(work))) {
      await tick();
      const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
      if (field) field.focus();
      else form?.querySelector('[role="alert"]')?.scrollIntoView({ block: 'center' });
    }
  }

  /** Does it, unless it is being done, and tells whether that went well. */
  async send(work: () => Promise<void>): Promise<boolean> {
    if (this.isSending) return false;
    this.isSending = true;
    this.problem = undefined;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.isSending = false;
    }
  }
}
