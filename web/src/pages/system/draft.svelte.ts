// The building file as somebody is writing it. It is kept while they look at other pages.

class Draft {
  /** What is in force, as it was read, with its version; undefined: it was not read yet. */
  inForce: { text: string; tag: string | undefined } | undefined = $state.raw();
  text = $state('');
  readonly isChanged = $derived(this.inForce !== undefined && this.text !== this.inForce.text);

  /** What was in force when somebody began to write, if it no longer is: what they have written is made from that. */
  isOvertaken = $state(false);

  /** What is in force now. What somebody has written stays, with the version that it was made from, unless it is to go, or is to
   * replace what is in force although somebody was faster. */
  read(text: string, tag: string | undefined, how: 'keep' | 'go' | 'replace'): void {
    const keeps = this.isChanged && how !== 'go';
    this.isOvertaken = keeps && how === 'keep' && (this.isOvertaken || this.inForce?.tag !== tag);
    if (this.isOvertaken) return;
    this.inForce = { text, tag };
    if (!keeps) this.text = text;
  }
}

export const draft = new Draft();
