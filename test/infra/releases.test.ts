import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../lambda/routes.ts';
import { synthesise } from './synthesise.ts';

const { gateway } = synthesise(false, true, { releases: 'canary' }, { isOn: true });
const groups = Object.entries(gateway.findResources('AWS::CodeDeploy::DeploymentGroup'));
const aliases = Object.entries(gateway.findResources('AWS::Lambda::Alias'));

/** The functions a release shifts by and by: those behind routes, and those that others call. */
const RELEASED = [...Object.keys(FUNCTIONS), 'attempt', 'webhook', 'embed'];

describe('a release', () => {
  it('shifts a tenth of the traffic for five minutes, and all of it then', () => {
    expect(groups).toHaveLength(RELEASED.length);
    for (const [, { Properties }] of groups) {
      expect(JSON.stringify(Properties.DeploymentConfigName)).toContain('LambdaCanary10Percent5Minutes');
    }
    const linear = synthesise(false, false, { releases: 'linear' }).gateway;
    const [group] = Object.values(linear.findResources('AWS::CodeDeploy::DeploymentGroup'));
    expect(JSON.stringify(group?.Properties.DeploymentConfigName)).toContain('LambdaLinear10PercentEvery1Minute');
  });

  it('goes back by itself: when a check fails, when it is stopped, and when an alarm is on', () => {
    for (const [, { Properties }] of groups) {
      expect(Properties.AutoRollbackConfiguration).toMatchObject({
        Enabled: true,
        Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
      });
      expect(Properties.AlarmConfiguration.Enabled).toBe(true);
      expect(Properties.AlarmConfiguration.Alarms.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('is watched minute by minute, and counts what callers get as well as what functions throw', () => {
    const alarms = Object.entries(gateway.findResources('AWS::CloudWatch::Alarm')).filter(([id]) =>
      id.startsWith('Releases'),
    );
    for (const [, { Properties }] of alarms) {
      for (const { MetricStat } of Properties.Metrics) {
        if (MetricStat) expect(MetricStat.Period).toBe(60);
      }
    }
    const text = JSON.stringify(alarms);
    expect(text).toContain('IF(r >= 20, 100 * (f + i) / r, 0)');
    expect(text).toContain('"MetricName":"Interrupted"');
  });

  it('checks the new versions first, past their aliases and past the URL', () => {
    const hooked = aliases.filter(([, { UpdatePolicy }]) => UpdatePolicy?.CodeDeployLambdaAliasUpdate);
    expect(hooked).toHaveLength(RELEASED.length);
    for (const [id, { UpdatePolicy }] of hooked) {
      const { BeforeAllowTrafficHook: hook } = UpdatePolicy.CodeDeployLambdaAliasUpdate;
      const isTask = /^(Attempt|Webhook|Embed)/.test(id);
      expect(hook.Ref).toMatch(isTask ? /^CheckTasksFunction/ : /^CheckEndpointsFunction/);
    }
    const hooks = Object.entries(gateway.findResources('AWS::Lambda::Function')).filter(([id]) => /^Check/.test(id));
    const named = hooks.map(([, { Properties }]) => JSON.stringify(Properties.Environment.Variables.NEW_VERSIONS));
    for (const name of RELEASED) expect(named.join()).toContain(`\\"name\\":\\"${name}\\"`);
    expect(named.join()).toContain('CurrentVersion');
    expect(named.join()).not.toMatch(/execute-api|Api[0-9A-F]{8}/);
  });

  it('leaves the sweep out, which nobody waits for: it is of the new version at once', () => {
    const [, sweep] = aliases.find(([id]) => id.startsWith('Sweep')) ?? [];
    expect(sweep?.UpdatePolicy).toBeUndefined();
  });

  it('lets the checks invoke versions, and tell CodeDeploy, and nothing else', () => {
    for (const wave of ['CheckTasks', 'CheckEndpoints']) {
      const statements = Object.entries(gateway.findResources('AWS::IAM::Policy'))
        .filter(([id]) => id.startsWith(`${wave}Role`))
        .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as { Action: string; Resource: unknown }[]);
      expect([...new Set(statements.flatMap(({ Action }) => Action))].sort()).toEqual([
        'codedeploy:PutLifecycleEventHookExecutionStatus',
        'lambda:InvokeFunction',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ]);
      const invoked = JSON.stringify(statements.filter(({ Action }) => Action === 'lambda:InvokeFunction'));
      expect(invoked).toContain('CurrentVersion');
      expect(invoked).not.toContain('*');
    }
  });
});

it('without releases every alias takes its new version at once, and nothing of CodeDeploy is there', () => {
  const text = JSON.stringify(synthesise(false).gateway.toJSON());
  expect(text).not.toContain('CodeDeploy');
});
