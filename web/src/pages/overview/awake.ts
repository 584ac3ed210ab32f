// Keeps the screen awake, where the browser allows it: for pages that came by TLS or from this machine.

/** Until the function that is given back is called; tells whether it holds. A browser lets go of it whenever the page is hidden. */
export function keepAwake(tell: (awake: boolean) => void): () => void {
  const locks = (navigator as Partial<Navigator>).wakeLock;
  let held: WakeLockSentinel | undefined;
  let isOver = false;

  async function hold(): Promise<void> {
    if (!locks || isOver || document.hidden || (held && !held.released)) return;
    try {
      const lock = await locks.request('screen');
      held = lock;
      if (isOver) return void lock.release();
      lock.addEventListener('release', () => tell(false));
      tell(true);
    } catch {
      // The battery is low, or somebody has forbidden it.
      tell(false);
    }
  }

  const again = () => void hold();
  document.addEventListener('visibilitychange', again);
  again();
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', again);
    void held?.release();
  };
}
