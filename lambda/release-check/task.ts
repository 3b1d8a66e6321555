/** What a release sends to the functions that no route leads to, in place of a state machine's input. */
export interface ReleaseCheckEvent {
  isReleaseCheck: true;
}

/** True for the event of a release. */
export function isReleaseCheck(event: object): event is ReleaseCheckEvent {
  return 'isReleaseCheck' in event;
}

/** Answers it once everything the function needs has answered. Throws what does not. */
export async function answerReleaseCheck(...looks: (() => Promise<unknown>)[]): Promise<{ isReady: true }> {
  await Promise.all(looks.map((look) => look()));
  return { isReady: true };
}
