import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Hand, LIFTED_MS, STILL_MS, watchHand } from './hand';

describe('a hand', () => {
  test('is there while the pointer is, and not for ever where nothing moves', () => {
    const hand = new Hand();
    expect(hand.left(0)).toBe(0);
    [hand.isOver] = [true];
    hand.moved(1_000);
    expect(hand.left(1_000)).toBe(STILL_MS);
    expect(hand.left(1_000 + STILL_MS)).toBe(0);
    hand.moved(20_000);
    expect(hand.left(20_000)).toBe(STILL_MS);
    hand.isOver = false;
    expect(hand.left(20_000)).toBe(0);
  });

  test('stays a moment after a finger was lifted', () => {
    const hand = new Hand();
    hand.touched(0);
    hand.lifted(500);
    expect(hand.left(500 + LIFTED_MS - 1)).toBe(1);
    expect(hand.left(500 + LIFTED_MS)).toBe(0);
  });
});

describe('a list', () => {
  const list = document.createElement('div');
  const does = async (name: string, more: object = {}) => {
    const event = Object.assign(new Event(name, { bubbles: true }), more);
    list.dispatchEvent(event);
    await Promise.resolve();
  };
  let told: boolean[];
  let end: () => void;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    told = [];
    end = watchHand((isThere) => told.push(isThere))(list);
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
  });

  test('is held while the mouse is over it', async () => {
    await does('pointerenter', { pointerType: 'mouse' });
    await does('pointermove', { pointerType: 'mouse' });
    await does('pointerleave', { pointerType: 'mouse' });
    expect(told).toEqual([true, false]);
  });

  test('settles by itself where the mouse was left, and is held again when it moves', async () => {
    await does('pointerenter', { pointerType: 'mouse' });
    vi.advanceTimersByTime(STILL_MS - 1_000);
    await does('pointermove', { pointerType: 'mouse' });
    vi.advanceTimersByTime(STILL_MS - 1_000);
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(1_001);
    expect(told).toEqual([true, false]);
    await does('pointermove', { pointerType: 'mouse' });
    expect(told).toEqual([true, false, true]);
  });

  test('is held while a finger is down, though the browser scrolls and tells no more of its pointer', async () => {
    await does('pointerenter', { pointerType: 'touch' });
    expect(told).toEqual([]);
    await does('touchstart', { touches: [1] });
    await does('pointerleave', { pointerType: 'touch' });
    await does('touchend', { touches: [] });
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(LIFTED_MS + 1);
    expect(told).toEqual([true, false]);
  });

  test('is let go with the page', async () => {
    await does('touchstart', { touches: [1] });
    end();
    expect(told).toEqual([true, false]);
  });
});
