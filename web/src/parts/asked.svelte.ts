// Questions before what cannot be undone, and short notices of what was done.

export interface Question {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  danger?: boolean;
  answer: (yes: boolean) => void;
}

export interface Notice {
  id: number;
  text: string;
  isError: boolean;
  /** Takes back what was done. */
  undo: (() => void | Promise<void>) | undefined;
}

/** A notice stays for so long; one that can be taken back stays longer, and one of a failure until somebody closes it. */
export const SHOWN_MS = 5_000;
export const UNDO_MS = 12_000;
/** How exact that is. */
const TICK_MS = 250;

class Asked {
  question: Question | undefined = $state.raw();
  notices: Notice[] = $state.raw([]);
  /** Whether somebody is at the notices, with a hand or the keyboard: then their time stands still. */
  isHeld: () => boolean = () => false;
  #last = 0;
  #leftMs = new Map<number, number>();
  #clock: ReturnType<typeof setInterval> | undefined;

  /** Asks, and tells whether it was confirmed. */
  confirm(question: Omit<Question, 'answer'>): Promise<boolean> {
    return new Promise((resolve) => {
      const asked: Question = {
        ...question,
        answer: (yes) => {
          // A dialog that closes says no once more, when somebody else may have been asked something.
          if (this.question === asked) this.question = undefined;
          resolve(yes);
        },
      };
      this.question?.answer(false);
      this.question = asked;
    });
  }

  /** Tells that something was done, and how to take it back, where that is possible. */
  tell(text: string, undo?: () => void | Promise<void>): void {
    this.#add({ text, isError: false, undo }, undo ? UNDO_MS : SHOWN_MS);
  }

  /** Tells that something failed. */
  fail(thrown: unknown): void {
    this.#add({ text: thrown instanceof Error ? thrown.message : String(thrown), isError: true, undo: undefined });
  }

  dismiss(id: number): void {
    this.#leftMs.delete(id);
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  /** Takes back what was done: what a notice tells, or the last thing that can be taken back. */
  undo(notice: Notice | undefined = this.notices.findLast((one) => one.undo)): void {
    if (!notice) return;
    this.dismiss(notice.id);
    void notice.undo?.();
  }

  #add(notice: Omit<Notice, 'id'>, forMs?: number): void {
    const id = ++this.#last;
    this.notices = [...this.notices, { id, ...notice }];
    if (forMs === undefined) return;
    this.#leftMs.set(id, forMs);
    this.#clock ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    if (!this.isHeld()) {
      for (const [id, leftMs] of this.#leftMs) {
        if (leftMs > TICK_MS) this.#leftMs.set(id, leftMs - TICK_MS);
        else this.dismiss(id);
      }
    }
    if (this.#leftMs.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

export const asked = new Asked();
