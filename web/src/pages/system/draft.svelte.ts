// The building file as somebody is writing it. It is kept while they look at other pages.

class Draft {
  /** What is in force, as it was read, with its version; undefined: it was not read yet. */
  inForce: { text: string; tag: string | undefined } | undefined = $state.raw();
  text = $state('');
  readonly isChanged = $derived(this.inForce !== undefined && this.text !== this.inForce.text);

  /** What is in force now. What somebody has written stays, unless it is to go. */
  read(text: string, tag: string | undefined, isToGo: boolean): void {
    const keeps = this.isChanged && !isToGo;
    this.inForce = { text, tag };
    if (!keeps) this.text = text;
  }
}

export const draft = new Draft();
