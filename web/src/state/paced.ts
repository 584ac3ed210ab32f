/** Does something at once, and again at most so often while it is wanted more often; the last wish is always done. */
export function paced(everyMs: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const again = () => {
    timer = undefined;
    if (isWanted) wish();
  };
  const wish = () => {
    isWanted = timer !== undefined;
    if (timer !== undefined) return;
    timer = setTimeout(again, everyMs);
    act();
  };
  return wish;
}
