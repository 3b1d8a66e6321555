const MINUTE_MS = 60_000;

/** A limit a minute in the memory of one process, for while the shared one cannot be reached. */
export interface EmergencyLimit {
  /** True when the account may pass, which is then counted. */
  admit(account: string, nowMs: number): boolean;
}

/** At most so many requests of each account in any rolling minute. It remembers only accounts seen within the minute. */
export function emergencyLimit(requestsPerMinute: number): EmergencyLimit {
  const admissions = new Map<string, number[]>();
  return {
    admit(account, nowMs) {
      for (const [name, times] of admissions) {
        if ((times.at(-1) ?? 0) <= nowMs - MINUTE_MS) admissions.delete(name);
      }
      const recent = (admissions.get(account) ?? []).filter((time) => time > nowMs - MINUTE_MS);
      if (recent.length >= requestsPerMinute) return false;
      admissions.set(account, [...recent, nowMs]);
      return true;
    },
  };
}
