// What all forms say.
export const form = {
  saving: 'Saving…',
  discardTitle: 'Leave without saving?',
  discardText: 'What you have written here is lost then.',
  discard: 'Leave',

  // Somebody else was faster
  faster:
    'Somebody else has saved this meanwhile, so yours is not saved yet. What you have not changed is now as they have left it; what you have changed is still yours. Look through it, and save again.',
  meanwhile: 'What somebody else has changed',
  taken: (fields: string) => `Now as they have left it: ${fields}.`,
  both: 'Both of you have changed this. Yours is saved, unless you take theirs:',
  noMore: 'Where both of you had changed something, it is the same now.',
  field: 'Field',
  yours: 'Yours',
  theirs: 'Theirs',
  action: 'Action',
  take: 'Take theirs',
  takeOf: (field: string) => `Take theirs: ${field}`,
  empty: 'empty',
};
