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
const SHOWN_MS = 5_000;
const UNDO_MS = 12_000;
/** So long after somebody has left them, at most. */
const HELD_MS = 3_000;

class Asked {
  question: Question | undefined = $state.raw();
  notices: Notice[] = $state.raw([]);
  #last = 0;
  /** Somebody is at the notices, with a hand or the keyboard: none goes. */
  isHeld = false;

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
    this.notices = this.notices.filter((notice) => notice.id !== id);
    if (this.notices.length === 0) this.isHeld = false;
  }

  #add(notice: Omit<Notice, 'id'>, forMs?: number): void {
    const id = ++this.#last;
    this.notices = [...this.notices, { id, ...notice }];
    if (forMs) this.#dismissAfter(id, forMs);
  }

  #dismissAfter(id: number, ms: number): void {
    setTimeout(() => (this.isHeld ? this.#dismissAfter(id, HELD_MS) : this.dismiss(id)), ms);
  }
}

export const asked = new Asked();
