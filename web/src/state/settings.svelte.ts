// What somebody has chosen for this browser.

type Theme = 'system' | 'light' | 'dark';

const KEY = 'poe.settings';

interface Kept {
  theme: Theme;
  sound: boolean;
  keys: boolean;
}

function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
  } catch {
    // Somebody has forbidden it, or it is not ours: all is as it comes.
    return {};
  }
}

class Settings {
  theme: Theme = $state(kept().theme ?? 'system');
  /** Whether alarms are to be heard here. */
  sound: boolean = $state(kept().sound ?? true);

  /** Whether single letters are shortcuts: whoever speaks to their machine would press them by talking. */
  keys: boolean = $state(kept().keys ?? true);

  constructor() {
    // What is chosen on one page holds for all of this browser: one that is silenced is not to be heard from the next.
    window.addEventListener('storage', ({ key }) => {
      if (key !== KEY) return;
      ({ theme: this.theme = 'system', sound: this.sound = true, keys: this.keys = true } = kept());
      this.show();
    });
  }

  keep(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ theme: this.theme, sound: this.sound, keys: this.keys }));
    } catch {
      // It holds for as long as the page is open.
    }
    this.show();
  }

  /** Has the page look as was chosen. */
  show(): void {
    document.documentElement.dataset.theme = this.theme;
  }
}

export const settings = new Settings();
