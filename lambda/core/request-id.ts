/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of epoch milliseconds, then the random part of a version 4 UUID, whose
 * variant bits stand in the same place. Ids sort by time, and the day of a request can be read off its id.
 */
export function requestId(nowMs: number, randomUuid: string): string {
  const time = Math.trunc(nowMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUuid.slice(15)}`;
}

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for text in the form of an id made by {@link requestId}. */
export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** The epoch milliseconds inside an id made by {@link requestId}. */
export function requestTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** What comes before every id made at this time or later, and after every one made before. */
export function firstRequestId(timeMs: number): string {
  const time = Math.trunc(timeMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
