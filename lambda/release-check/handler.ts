import type { CheckedFunction } from './checks.ts';
import { releaseCheckOf } from './checks.ts';

/** What CodeDeploy sends to a hook. */
export interface HookEvent {
  DeploymentId: string;
  LifecycleEventHookExecutionId: string;
}

/** A new version, before it gets any traffic. */
export interface NewVersion {
  name: CheckedFunction;
  arn: string;
}

export interface ReleaseCheckPorts {
  versions: readonly NewVersion[];
  /** Invokes a version itself, past its alias. Throws when it fails. */
  invoke(arn: string, event: object): Promise<string>;
  /** Tells CodeDeploy whether the traffic may shift. */
  tell(event: HookEvent, status: 'Succeeded' | 'Failed'): Promise<void>;
  /** Writes a line about each version. */
  log(name: string, isGood: boolean, errorName: string | undefined): void;
}

/**
 * Checks every new version of a release before any of them gets traffic: one that is not right holds all of them. CodeDeploy is
 * told in any case, since it would wait an hour.
 */
export async function checkRelease(ports: ReleaseCheckPorts, event: HookEvent): Promise<void> {
  const good = await Promise.all(ports.versions.map((version) => isVersionGood(ports, version)));
  await ports.tell(event, good.every(Boolean) ? 'Succeeded' : 'Failed');
}

async function isVersionGood({ invoke, log }: ReleaseCheckPorts, { name, arn }: NewVersion): Promise<boolean> {
  const check = releaseCheckOf(name);
  try {
    const isGood = check.isGood(await invoke(arn, check.event));
    log(name, isGood, undefined);
    return isGood;
  } catch (thrown) {
    log(name, false, thrown instanceof Error ? thrown.message : typeof thrown);
    return false;
  }
}
