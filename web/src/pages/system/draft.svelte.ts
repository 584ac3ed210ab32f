// The building file as somebody is writing it. It is kept while they look at other pages.
import { changesIn } from './building';

/** The building as it was read, with its version. */
interface Version {
  text: string;
  tag: string | undefined;
}

class Draft {
  /** What somebody has begun from; undefined: nothing was read yet. */
  begun: Version | undefined = $state.raw();
  text = $state('');
  readonly isChanged = $derived(this.begun !== undefined && this.text !== this.begun.text);
  /** What is in force by now, if that is another than what somebody has begun from and written on. */
  newer: Version | undefined = $state.raw();

  /**
   * What is in force now. What somebody has written stays, with the version that it was made from: with that one the server sees
   * that somebody was faster.
   */
  read(text: string, tag: string | undefined): void {
    const isOther = this.isChanged && changesIn(this.begun?.text ?? '', text).length > 0;
    this.newer = isOther ? { text, tag } : undefined;
    if (isOther) return;
    if (!this.isChanged) this.text = text;
    this.begun = { text, tag };
  }

  /** What somebody has written is to go. */
  revert(): void {
    this.begun = this.newer ?? this.begun;
    this.newer = undefined;
    this.text = this.begun?.text ?? '';
  }

  /** Somebody has seen what is newer: what they have written is to replace that. */
  replaceNewer(): void {
    this.begun = this.newer ?? this.begun;
    this.newer = undefined;
  }
}

export const draft = new Draft();
