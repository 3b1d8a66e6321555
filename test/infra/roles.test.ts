import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';

let gateway: Template;
beforeAll(() => {
  ({ gateway } = synthesise(false));
});

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Effect: string;
}

/** What the role of a function may do, by the function's construct id. */
function statementsOf(id: string): Statement[] {
  const policies = gateway.findResources('AWS::IAM::Policy');
  const found = Object.entries(policies).filter(([logicalId]) =>
    new RegExp(`^(Sweep)?${id}(Function)?Role`).test(logicalId),
  );
  return found.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as Statement[]);
}

function actionsOf(id: string): string[] {
  return [...new Set(statementsOf(id).flatMap((statement) => statement.Action))].sort();
}

function resourcesOf(id: string): string {
  return JSON.stringify(statementsOf(id).map(({ Resource }) => Resource));
}

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const BEDROCK = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
const TRACES = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

describe('the role of', () => {
  it('chat may look up keys, keep limits and the ledger, read the provider keys, and start the fallback machine', () => {
    expect(actionsOf('Chat')).toEqual(
      [
        ...BEDROCK,
        'states:StartSyncExecution',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        ...LOGS,
        ...TRACES,
      ].sort(),
    );
  });

  it('chat may give back leases and idempotency keys, and delete nothing of accounts and ledger', () => {
    const deleting = statementsOf('Chat').filter(({ Action }) => [Action].flat().includes('dynamodb:DeleteItem'));
    const tables = JSON.stringify(deleting.map(({ Resource }) => Resource)).match(
      /(Traffic|Responses|Accounts|Usage)Table/g,
    );
    expect(new Set(tables)).toEqual(new Set(['TrafficTable', 'ResponsesTable']));
  });

  it('a step of a plan may do what a chat does, and start no machine', () => {
    expect(actionsOf('Attempt')).toEqual(
      actionsOf('Chat').filter((action) => !['states:StartSyncExecution', 'dynamodb:DeleteItem'].includes(action)),
    );
    expect(resourcesOf('Attempt')).not.toContain('ResponsesTable');
  });

  it('those that call Bedrock may call the configured models, each by name', () => {
    for (const id of ['Chat', 'Attempt']) {
      const [bedrock] = statementsOf(id).filter(({ Action }) => Action.includes(BEDROCK[0] as string));
      const text = JSON.stringify(bedrock?.Resource);
      expect(text).toContain(':bedrock:us-east-1::foundation-model/openai.gpt-oss-120b');
      expect(text).not.toContain('*');
    }
  });

  it('jobs may keep a job and start its machine, and webhooks may read what they tell', () => {
    expect(actionsOf('Jobs')).toEqual(
      [
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'states:StartExecution',
        ...LOGS,
        ...TRACES,
      ].sort(),
    );
    expect(actionsOf('Webhook')).toEqual(['dynamodb:GetItem', 'dynamodb:Query', ...LOGS, ...TRACES].sort());
  });

  it('a state machine may invoke the functions it names, and write its own logs', () => {
    for (const [id, invoked] of [
      ['MachinesFallback', ['Attempt']],
      ['MachinesJob', ['Attempt', 'Webhook']],
    ] as const) {
      const text = JSON.stringify(statementsOf(id).filter(({ Action }) => Action === 'lambda:InvokeFunction'));
      for (const name of ['Attempt', 'Webhook', 'Chat', 'Admin']) {
        expect([name, text.includes(`"${name}`)]).toEqual([name, invoked.some((one) => one === name)]);
      }
    }
  });

  it('a state machine may do nothing else but trace', () => {
    for (const id of ['MachinesFallback', 'MachinesJob']) {
      const actions = actionsOf(id).filter((action) => !action.startsWith('logs:') && !action.startsWith('xray:'));
      expect(actions).toEqual(['lambda:InvokeFunction']);
    }
  });

  it('chat may not change accounts, and only calls may read the provider keys', () => {
    const onAccounts = statementsOf('Chat').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('AccountsTable'),
    );
    expect(onAccounts.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem']);
    for (const id of ['Models', 'RouteSuggest', 'Feedback', 'Health', 'Admin', 'Jobs', 'Webhook'])
      expect(actionsOf(id).join()).not.toContain('secretsmanager');
  });

  it('admin may change accounts and lift lock-outs, and cannot see the ledger', () => {
    expect(actionsOf('Admin')).toEqual(
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem', ...LOGS, ...TRACES].sort(),
    );
    expect(JSON.stringify(statementsOf('Admin'))).not.toContain('UsageTable');
  });

  it('the sweep may settle and tell, and cannot change accounts or see provider keys', () => {
    expect(actionsOf('Sweep')).toEqual(
      [
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'events:PutEvents',
        ...LOGS,
        ...TRACES,
      ].sort(),
    );
    const onAccounts = statementsOf('Sweep').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('AccountsTable'),
    );
    expect(onAccounts.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    for (const table of ['TrafficTable', 'ResponsesTable']) {
      const onErased = statementsOf('Sweep').filter(({ Resource }) => JSON.stringify(Resource).includes(table));
      expect(onErased.flatMap(({ Action }) => Action).toSorted()).toEqual(['dynamodb:DeleteItem', 'dynamodb:Query']);
    }
  });

  it('the cache route may look up keys, and list and remove kept answers', () => {
    expect(actionsOf('Cache')).toEqual(
      ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:Query', ...LOGS, ...TRACES].sort(),
    );
  });

  it('usage may look up keys, list accounts, read the ledger, and write orders to erase', () => {
    expect(actionsOf('Usage')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', ...LOGS, ...TRACES]);
    expect(resourcesOf('Usage')).not.toContain('TrafficTable');
    const onAccounts = statementsOf('Usage').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('AccountsTable'),
    );
    expect(onAccounts.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    expect(JSON.stringify(onAccounts)).toContain('"dynamodb:LeadingKeys":["accounts"]');
    const writing = JSON.stringify(statementsOf('Usage').filter(({ Action }) => Action === 'dynamodb:PutItem'));
    expect(writing).toContain('"dynamodb:LeadingKeys":["erasures","erasures#*"]');
  });

  it('the export may look up keys and read the ledger and what is kept, and writes nothing', () => {
    expect(actionsOf('Export')).toEqual(['dynamodb:GetItem', 'dynamodb:Query', ...LOGS, ...TRACES]);
  });

  it('suggestions may look up keys, circuits and what is left of a budget, and nothing else', () => {
    expect(actionsOf('RouteSuggest')).toEqual(['dynamodb:GetItem', 'dynamodb:Query', ...LOGS, ...TRACES].sort());
    const onTraffic = statementsOf('RouteSuggest').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('TrafficTable'),
    );
    expect(onTraffic.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    const onUsage = statementsOf('RouteSuggest').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('UsageTable'),
    );
    expect(onUsage.map(({ Action }) => Action)).toEqual(['dynamodb:Query']);
    expect(JSON.stringify(onUsage)).toContain('"dynamodb:LeadingKeys":["budget#*"]');
  });

  it('feedback may look up keys and one event, write a score on it, and count it', () => {
    const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem'];
    expect(actionsOf('Feedback')).toEqual(['dynamodb:GetItem', ...writes, ...LOGS, ...TRACES].sort());
    const onUsage = statementsOf('Feedback').filter(({ Resource }) => JSON.stringify(Resource).includes('UsageTable'));
    expect(onUsage.flatMap(({ Action }) => Action)).toEqual(['dynamodb:GetItem', ...writes]);
    const writing = onUsage.filter(({ Action }) => Action.includes('dynamodb:UpdateItem'));
    expect(JSON.stringify(writing)).toContain('"dynamodb:LeadingKeys":["events#*","late-events#*"]');
  });

  it('models may look up keys', () => {
    expect(actionsOf('Models')).toEqual(['dynamodb:GetItem', ...LOGS, ...TRACES].sort());
  });

  it('health may read traffic and look up one key, and cannot write', () => {
    expect(actionsOf('Health')).toEqual(
      ['dynamodb:GetItem', 'dynamodb:Query', 'states:DescribeStateMachine', ...LOGS, ...TRACES].sort(),
    );
    const onAccounts = statementsOf('Health').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('AccountsTable'),
    );
    expect(onAccounts.map(({ Action }) => Action)).toEqual(['dynamodb:GetItem']);
    expect(resourcesOf('Health')).not.toContain('UsageTable');
  });

  it('any function names its resources, but for the traces, which have none', () => {
    for (const id of [
      ...['Chat', 'Attempt', 'Jobs', 'Webhook', 'Usage', 'Cache'],
      ...['Models', 'RouteSuggest', 'Feedback', 'Health', 'Admin', 'Sweep'],
    ]) {
      const wide = statementsOf(id).filter(({ Resource }) => JSON.stringify(Resource).includes('"*"'));
      expect(wide.map(({ Action }) => Action)).toEqual([TRACES.toReversed()]);
    }
  });
});
