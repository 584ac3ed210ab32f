export const emergency = {
  button: 'Emergency',
  title: 'Raise an emergency',
  intro: 'Everybody who is to be told will be told at once. It stays until somebody ends it on the alarms’ page.',
  kind: 'What is it?',
  where: 'Where?',
  wholeSite: 'The whole site',
  noPlaces: 'There are no places yet: an engineer adds buildings and zones on the floor plans’ page.',
  note: 'Anything to add? (optional)',
  again: 'Press again to raise it',
  armed: (kind: string, where: string) => `Press once more to raise: ${kind}, ${where}.`,
  known: 'It is raised there already. Raising it again tells everybody once more.',
  raised: (kind: string, where: string) => `Raised: ${kind}, ${where}.`,
};
