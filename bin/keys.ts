import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { hashApiKey, newApiKey } from '../lambda/core/api-key.ts';
import { accountsStore } from '../lambda/store/accounts.ts';
import { dynamoClient } from '../lambda/store/dynamo.ts';

/**
 * The keys of a deployed gateway, for whoever holds AWS credentials that may write its accounts table. This is how the
 * first admin key is made: nothing of it is in any template.
 */
const USAGE = `npm run keys -- create --account <name> [--admin] [--label <text>] [--days <until it expires>]
npm run keys -- revoke --key <hg_...>

Both take --stack <name> (default Headgate) and use the AWS credentials and region of the environment.`;

const ACCOUNT = /^[\w.-]{1,64}$/;
const DAY_MS = 86_400_000;

async function accountsTable(stackName: string): Promise<string> {
  const { Stacks: stacks = [] } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const table = stacks[0]?.Outputs?.find((output) => output.OutputKey === 'AccountsTable')?.OutputValue;
  if (!table) throw new Error(`The stack ${stackName} has no output AccountsTable. Deploy first: npm run deploy`);
  return table;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      admin: { type: 'boolean', default: false },
      label: { type: 'string', default: '' },
      days: { type: 'string' },
      key: { type: 'string' },
      stack: { type: 'string', default: 'Headgate' },
    },
  });
  const [command] = positionals;
  const { account = '', admin, label, days, key = '', stack } = values;
  if (command === 'create' && ACCOUNT.test(account) && (days === undefined || Number(days) > 0)) {
    const accounts = accountsStore(dynamoClient(), await accountsTable(stack), Date.now);
    const created = newApiKey();
    const expiry = days === undefined ? {} : { expiresAtMs: Date.now() + Number(days) * DAY_MS };
    await accounts.putKey(hashApiKey(created), { account, role: admin ? 'admin' : 'caller', label, ...expiry });
    console.error('The key is shown this once:');
    console.log(created);
  } else if (command === 'revoke' && key !== '') {
    const accounts = accountsStore(dynamoClient(), await accountsTable(stack), Date.now);
    const isKnown = await accounts.revokeKey(hashApiKey(key));
    console.error(isKnown ? 'Revoked. It stops working within 5 s.' : 'There is no such key.');
    if (!isKnown) process.exitCode = 1;
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
