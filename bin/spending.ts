import { parseArgs } from 'node:util';
import { dynamoClient } from '../lambda/store/dynamo.ts';
import { spendingSwitch } from '../lambda/store/spending-switch.ts';
import { STACK_OPTIONS, stackOutput } from './deployed-stack.ts';
import { runCommand } from './run-command.ts';

const USAGE = `npm run spending -- <command> [--stage <stage>] [--stack <name>]

  stop      no provider is called any more, within two seconds; kept answers are still given, jobs wait
  resume    they are called again
  status    whether spending is stopped, and since when

  With AWS credentials that may read and write the deployed table "traffic".`;

const { positionals, values } = parseArgs({ allowPositionals: true, options: STACK_OPTIONS });

async function openSwitch() {
  const table = await stackOutput(values, 'SpendingTable');
  return spendingSwitch(dynamoClient(), table, Date.now);
}

const COMMANDS: Record<string, () => Promise<string>> = {
  async stop() {
    await (await openSwitch()).stop();
    return 'Spending is stopped. Calls that are under way come to their end. Resume: npm run spending -- resume';
  },
  async resume() {
    await (await openSwitch()).resume();
    return 'Providers are called again.';
  },
  async status() {
    const stoppedAtMs = await (await openSwitch()).stoppedAtMs();
    return stoppedAtMs === undefined
      ? 'Providers are called.'
      : `Spending is stopped since ${new Date(stoppedAtMs).toISOString()}.`;
  },
};

await runCommand(COMMANDS, positionals[0] ?? '', USAGE);
