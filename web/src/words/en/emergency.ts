export const emergency = {
  button: 'Emergency',
  title: 'Raise an emergency',
  intro: 'Everybody who is to be told will be told at once. It stays until somebody ends it.',
  kind: 'What is it?',
  where: 'Where?',
  noPlaces: 'There are no places yet: an engineer adds buildings and zones on the floor plans’ page.',
  note: 'Anything to add? (optional)',
  again: 'Press again to raise it',
  raised: (kind: string, where: string) => `Raised: ${kind}, ${where}.`,
};
