/** What a check found. `unknown` is for what could not be looked at, or need not be there. */
export interface Finding {
  status: 'pass' | 'fail' | 'unknown';
  /** What was looked at, and what it is like. Holds no secret. */
  says: string;
  /** What to do about it. */
  todo?: string;
}

export const pass = (says: string): Finding => ({ status: 'pass', says });
export const fail = (says: string, todo: string): Finding => ({ status: 'fail', says, todo });
export const unknown = (says: string, todo?: string): Finding => ({
  status: 'unknown',
  says,
  ...(todo ? { todo } : {}),
});

export type Check = () => Promise<Finding | Finding[]>;

/** Runs a check; one that throws knows nothing. Of what was thrown only the kind is told: its text may quote anything. */
export async function findingsOf(name: string, check: Check): Promise<Finding[]> {
  try {
    return [await check()].flat();
  } catch (thrown) {
    return [
      unknown(
        `${name}: ${kindOf(thrown)}`,
        'Look whether the credentials allow it, and whether the network leads there.',
      ),
    ];
  }
}

/** Our own errors, whose texts hold nothing of an answer. */
const SPEAKING = new Set(['AwsRefusal', 'NotDeployed']);

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it failed';
  if (SPEAKING.has(thrown.name)) return thrown.message;
  const { cause } = thrown;
  const { code } = (cause instanceof Error ? cause : thrown) as { code?: unknown };
  return typeof code === 'string' ? code : thrown.name;
}

/** A finding as a line, and what to do below it. */
export function lineOf({ status, says, todo }: Finding): string {
  return `${status.padEnd(7)} ${says}${todo === undefined ? '' : `\n        ${todo}`}`;
}
