import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Configuration, wantsKey } from '../../lambda/core/configuration.ts';
import { chosenStage } from '../../lib/stage.ts';
import { chosenStackName, type StackChoice, stackOutput } from '../deployed-stack.ts';
import { askByForm, textsIn } from './aws-request.ts';
import { chatFindings } from './chat.ts';
import { type Check, type Finding, fail, pass, unknown } from './finding.ts';

/** A deployment that works, looked at from outside. */
export function checksAfter(choice: StackChoice, configuration: Configuration): Record<string, Check> {
  return {
    health: () => health(choice),
    chat: () => chat(choice),
    secrets: () => secrets(choice, configuration),
    alarms: () => alarms(choice),
    'alert topic': () => listeners(choice),
  };
}

/** Where the gateway answers: HEADGATE_URL, or what its stack says. */
async function urlOf(choice: StackChoice): Promise<string> {
  return (process.env.HEADGATE_URL || (await stackOutput(choice, 'Url'))).replace(/\/$/, '');
}

const HEALTH_MS = 15_000;

async function health(choice: StackChoice): Promise<Finding> {
  const url = await urlOf(choice);
  const response = await fetch(`${url}/v2/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
  const { status } = (await response.json().catch(() => ({}))) as { status?: string };
  if (response.ok && status === 'healthy') return pass(`health: ${url} is healthy`);
  if (response.ok)
    return unknown(`health: ${url} is ${status}`, 'GET /v2/health tells which part is not. docs/runbook.md#degraded');
  return fail(
    `health: ${url} answers ${response.status}`,
    'See the log of the health function, and docs/runbook.md#storefailed.',
  );
}

async function chat(choice: StackChoice): Promise<Finding | Finding[]> {
  const { HEADGATE_KEY: key } = process.env;
  if (key) return chatFindings(await urlOf(choice), key);
  return unknown('chat: not tried', 'Set HEADGATE_KEY to a key of this gateway; a chat costs a fraction of a cent.');
}

async function secrets(choice: StackChoice, { models, providers, defaultModel }: Configuration): Promise<Finding[]> {
  const SecretId = await stackOutput(choice, 'ProviderSecret');
  const command = new GetSecretValueCommand({ SecretId });
  const text = await new SecretsManagerClient().send(command).then(
    ({ SecretString = '' }) => SecretString || '{}',
    (error: Error) => {
      if (error.name === 'ResourceNotFoundException') return '{}';
      throw error;
    },
  );
  const set = new Set(Object.keys(JSON.parse(text)));
  const wanting = [...new Set(Object.values(models).map(({ provider }) => provider))].filter((id) => {
    const provider = providers[id];
    return provider && wantsKey(provider);
  });
  const first = models[defaultModel]?.provider ?? '';
  const have = wanting.filter((id) => set.has(id));
  const lack = wanting.filter((id) => !set.has(id));
  const todo = (ids: string[]) => `npm run secrets -- set ${ids[0]}`;
  return [
    ...(have.length > 0 ? [pass(`secrets: there are keys of ${have.sort().join(', ')}`)] : []),
    ...(lack.includes(first) ? [fail(`secrets: ${first}, of the default model, has no key`, todo([first]))] : []),
    ...(lack.length > 0
      ? [unknown(`secrets: no key for ${lack.sort().join(', ')}`, 'Their models are passed over.')]
      : []),
  ];
}

async function alarms(choice: StackChoice): Promise<Finding[]> {
  const { monitoring } = chosenStage(choice.stage).deployment;
  if (!monitoring) return [unknown('alarms: monitoring is off in this stage')];
  const types = { 'AlarmTypes.member.1': 'MetricAlarm', 'AlarmTypes.member.2': 'CompositeAlarm' };
  const fields = { AlarmNamePrefix: `${chosenStackName(choice)}-`, MaxRecords: '100', ...types };
  const xml = await askByForm('monitoring', 'DescribeAlarms', '2010-08-01', fields);
  const states = textsIn(xml, 'StateValue');
  const names = textsIn(xml, 'AlarmName');
  const on = names.filter((_, index) => states[index] === 'ALARM');
  if (names.length === 0) return [fail('alarms: there are none', 'Deploy the stage with monitoring: true.')];
  return [
    pass(`alarms: ${names.length} are there`),
    ...(on.length > 0 ? [fail(`alarms: ${on.sort().join(', ')}`, 'Each has its section in docs/runbook.md.')] : []),
  ];
}

async function listeners(choice: StackChoice): Promise<Finding> {
  const TopicArn = await stackOutput(choice, 'AlertTopic');
  const xml = await askByForm('sns', 'ListSubscriptionsByTopic', '2010-03-31', { TopicArn });
  const arns = textsIn(xml, 'SubscriptionArn');
  const confirmed = arns.filter((arn) => arn.startsWith('arn:'));
  if (confirmed.length > 0) return pass(`alert topic: ${confirmed.length} subscribed`);
  const says = arns.length > 0 ? 'alert topic: nobody has confirmed' : 'alert topic: nobody listens';
  return fail(says, 'Set alertEmail and confirm the mail, or subscribe to the output AlertTopic.');
}
