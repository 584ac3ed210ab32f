import { beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../api/types';
import { Editor } from './editor.svelte';
import { nameOf } from './names';
import { placeables, searched } from './things';

const thing = { source_kind: 'sensor', source: '10.0.0.1_1' } as const;
const plan: Plan = {
  name: 'ground',
  title: null,
  place: null,
  image: null,
  version: 3,
  placements: [{ ...thing, x: 0.5, y: 0.5 }],
  zones: [
    {
      place: 'hall',
      corners: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
    },
  ],
};

describe('work on a plan', () => {
  let editor: Editor;
  beforeEach(() => (editor = new Editor(plan)));

  it('shows what is in the hand where it would be, and puts it back when somebody gives up', () => {
    editor.take(thing, { x: 0.5, y: 0.5 });
    editor.holdBy(0.1, -0.9);
    expect(editor.draft.placements).toEqual([{ ...thing, x: 0.6, y: 0 }]);
    expect(editor.isChanged).toBe(false);
    editor.cancel();
    expect(editor.draft.placements).toEqual(plan.placements);
  });

  it('is one step for a thing that was moved, however long the way', () => {
    editor.take(thing, { x: 0.5, y: 0.5 });
    for (let step = 0; step < 5; step += 1) editor.holdBy(0.01, 0);
    editor.set();
    expect(editor.isChanged).toBe(true);
    editor.undo();
    expect(editor.draft.placements).toEqual(plan.placements);
    expect(editor.isChanged).toBe(false);
    editor.redo();
    expect(editor.draft.placements).toEqual([{ ...thing, x: 0.55, y: 0.5 }]);
  });

  it('draws an outline corner by corner', () => {
    editor.draw({ x: 0, y: 0 });
    editor.set();
    editor.holdAt({ x: 1, y: 0 });
    editor.set();
    expect(editor.canFinish).toBe(false);
    editor.holdAt({ x: 1, y: 1 });
    editor.set();
    expect(editor.canFinish).toBe(true);
    editor.dropCorner();
    expect(editor.canFinish).toBe(false);
    expect(editor.isChanged).toBe(false);
  });

  it('takes back an outline corner by corner, and no earlier step with it', () => {
    editor.remove(thing);
    editor.draw({ x: 0, y: 0 });
    editor.set();
    editor.set();
    editor.undo();
    expect(editor.held).toMatchObject({ kind: 'drawing', corners: [{ x: 0, y: 0 }] });
    editor.redo();
    editor.undo();
    expect(editor.held).toMatchObject({ kind: 'drawing', corners: [] });
    editor.undo();
    expect([editor.held, editor.isChanged]).toEqual([undefined, true]);
    editor.undo();
    expect(editor.isChanged).toBe(false);
  });

  it('puts back what is in the hand before it takes a step back', () => {
    editor.remove(thing);
    editor.takeCorner(0, 1);
    editor.holdBy(-0.5, 0);
    editor.undo();
    expect([editor.held, editor.draft.zones, editor.draft.placements]).toEqual([undefined, plan.zones, []]);
  });

  it('no longer has an outline chosen that was taken back', () => {
    editor.addZone('lab', plan.zones[0]!.corners);
    expect(editor.zone).toBe(1);
    editor.undo();
    expect(editor.zone).toBeUndefined();
  });

  it('is unsaved if somebody went on while it was being sent', () => {
    editor.remove(thing);
    const sent = editor.draft;
    editor.removeZone(0);
    editor.saved(sent, 4);
    expect(editor.isChanged).toBe(true);
    expect(editor.version).toBe(4);
    editor.undo();
    expect(editor.isChanged).toBe(false);
  });
});

it('a name for a new place is made of its title', () => {
  expect(nameOf('  Küche, links! ', [])).toBe('kuche-links');
  expect(nameOf('Hall', ['hall', 'hall-2'])).toBe('hall-3');
  expect(nameOf('<>', ['x'])).toBe('');
});

it('what can be placed is found by all words of a search, wherever they stand', () => {
  const node = { node: '10.0.0.1', address: '10.0.0.1', name: 'Ceiling', place: 'kitchen' };
  const sensor = { node: '10.0.0.1', ip_id: '10.0.0.1_8', id: 8, kind: 'SMOKE', name: null, place: 'kitchen' };
  const all = placeables([node as never], [sensor as never], () => 'Kitchen');
  expect(all.map(({ title }) => title)).toEqual(['Ceiling', 'Smoke 8']);
  expect(searched(all, 'kitchen SMOKE').map(({ title }) => title)).toEqual(['Smoke 8']);
  expect(searched(all, 'nothing')).toEqual([]);
  expect(searched(all, ' ')).toBe(all);
});
