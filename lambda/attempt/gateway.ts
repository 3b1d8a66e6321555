import type { Configuration } from '../core/configuration.ts';
import { deployedSecret } from '../deployed-secret.ts';
import { deployedSurroundings, type Surroundings } from '../gateway.ts';
import { jobEnded } from '../middleware/observe.ts';
import { settleAhead, settleCall } from '../middleware/settle.ts';
import { keysStore } from '../store/keys.ts';
import { runsStore } from '../store/runs.ts';
import type { AttemptTaskPorts } from '../workflow/attempt-task.ts';
import { type CallGateway, composeCallGateway } from '../workflow/gateway.ts';

/** What the steps of a run need, around the gateway for calls. */
export function composeAttemptPorts(
  calls: CallGateway,
  { configuration, database, tableName }: Surroundings,
): AttemptTaskPorts {
  const { clock } = calls;
  const keys = keysStore(database, tableName('accounts'), configuration, clock);
  return {
    ...calls,
    runs: {
      chat: runsStore(database, tableName('traffic'), clock),
      job: runsStore(database, tableName('usage'), clock),
    },
    callerNow: ({ caller }) => keys.findCallerById(caller.keyId),
    settleChat: (call) => settleAhead(calls, call),
    async settleJob(call) {
      // However often a machine asks for its last step, a job has ended once.
      if (await settleCall(calls, call)) jobEnded(calls.observer, call);
    },
  };
}

/** The ports of the deployed function, from its environment. */
export function deployedAttemptPorts(environment: NodeJS.ProcessEnv, configuration: Configuration): AttemptTaskPorts {
  const surroundings = deployedSurroundings(environment, configuration);
  const providerKeys = deployedSecret(environment, 'PROVIDER_SECRET_ARN');
  return composeAttemptPorts(composeCallGateway(surroundings, providerKeys), surroundings);
}
