// Waiting for a condition, never for time to pass.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

export const minute = 60_000;

// Polls `look` until it gives something true, and gives that.
export async function eventually(what, look, deadline = 20_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) assert.fail(`not within ${deadline} ms: ${what}`);
    await pause(50);
  }
}
