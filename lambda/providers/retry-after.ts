type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Whole seconds a provider asks to wait, rounded up, or undefined. Reads OpenAI's `retry-after-ms` and RFC 9110's
 * `retry-after`, which is a number of seconds or a date.
 */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = Number(single(headers['retry-after-ms']) ?? Number.NaN);
  const value = single(headers['retry-after']);
  let seconds = milliseconds / 1_000;
  if (!(seconds > 0) && value !== undefined) {
    seconds = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : (Date.parse(value) - nowMs) / 1_000;
  }
  return seconds > 0 ? Math.ceil(seconds) : undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
