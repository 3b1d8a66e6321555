import type { SFNClientConfig } from '@aws-sdk/client-sfn';
import { required } from '../gateway.ts';
import type { Dependency } from '../ports.ts';
import type { FallbackRunner, JobStarter } from './run-ports.ts';

/** A deployed state machine. */
export interface Machine {
  arn: string;
  /** Set where AWS is emulated: the SDK would put `sync-` before the emulator's host. */
  isEmulated: boolean;
}

/** The machine whose ARN a variable of the environment holds. */
export function deployedMachine(environment: NodeJS.ProcessEnv, variable: string): Machine {
  return { arn: required(environment, variable), isEmulated: environment.AWS_ENDPOINT_URL !== undefined };
}

/** An Express execution ends after five minutes (Step Functions quotas). */
const LONGEST_RUN_MS = 305_000;

/** A chat's plan run by an Express execution of AWS Step Functions, which is waited for. */
export function expressRunner(machine: Machine): FallbackRunner {
  const load = clientLoader(machine, { requestTimeout: LONGEST_RUN_MS, maxAttempts: 1 });
  return {
    async run(position, signal) {
      const { sdk, client } = await load();
      const command = new sdk.StartSyncExecutionCommand({
        stateMachineArn: machine.arn,
        name: position.requestId,
        input: JSON.stringify(position),
      });
      try {
        await client.send(command, { abortSignal: signal });
        return 'ended';
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        // What AWS refuses has not begun; a connection that broke meanwhile may have.
        const isRefused = error instanceof sdk.SFNServiceException || wasNeverConnected(error);
        return isRefused ? 'not started' : 'ended';
      }
    },
  };
}

/** A job's plan started as a Standard execution. */
export function standardStarter(machine: Machine): JobStarter {
  const load = clientLoader(machine, { requestTimeout: 5_000, maxAttempts: 3 });
  return {
    async start(position) {
      const { sdk, client } = await load();
      const { requestId } = position;
      const input = JSON.stringify(position);
      await client.send(new sdk.StartExecutionCommand({ stateMachineArn: machine.arn, name: requestId, input }));
    },
  };
}

/** Whether Step Functions answers. Without it chats run their plans on the spot; only new jobs fail. */
export function machineDependency(machine: Machine): Dependency {
  const load = clientLoader(machine, { requestTimeout: 1_000, maxAttempts: 1 });
  return {
    name: 'stepfunctions',
    isEssential: false,
    async check() {
      const { sdk, client } = await load();
      await client.send(new sdk.DescribeStateMachineCommand({ stateMachineArn: machine.arn }));
    },
  };
}

/** The client is loaded when the first plan needs it: most requests never do. */
function clientLoader({ isEmulated }: Machine, options: { requestTimeout: number; maxAttempts: number }) {
  const { requestTimeout, maxAttempts } = options;
  const config: SFNClientConfig = {
    maxAttempts,
    disableHostPrefix: isEmulated,
    requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true },
  };
  const load = async () => {
    const sdk = await import('@aws-sdk/client-sfn');
    return { sdk, client: new sdk.SFNClient(config) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

function wasNeverConnected(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NEVER_CONNECTED.has(String(error.code));
}
