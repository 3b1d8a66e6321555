import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { alarms } from '../../config/alarms.ts';
import { METRIC_NAMESPACE, METRICS } from '../../lambda/metrics.ts';
import { synthesise } from './synthesise.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));

let gateway: Template;
beforeAll(() => {
  ({ gateway } = synthesise(false));
});

const propertiesOf = (type: string) => Object.values(gateway.findResources(type)).map(({ Properties }) => Properties);

/** The gateway's own metrics that a text of CloudFormation or of a dashboard names. */
function ownMetricsIn(text: string): Set<string> {
  const plain = text.replaceAll('\\"', '"');
  const named = [
    ...plain.matchAll(/"MetricName":"(\w+)","Namespace":"Headgate"/g),
    ...plain.matchAll(/\["Headgate","(\w+)"/g),
    ...plain.matchAll(/\{Headgate,service,model\}[^']*?MetricName=\\*"?(\w+)/g),
  ];
  return new Set(named.map(([, name = '']) => name));
}

describe('the alarms', () => {
  it('each tell the topic, and say in their description where the runbook has them', () => {
    const all = [...propertiesOf('AWS::CloudWatch::Alarm'), ...propertiesOf('AWS::CloudWatch::CompositeAlarm')];
    expect(all.length).toBeGreaterThanOrEqual(alarms.rules.length + 5);
    for (const { AlarmDescription, AlarmActions } of all) {
      expect(JSON.stringify(AlarmActions)).toContain('Alerts');
      const [, anchor] = AlarmDescription.match(/docs\/runbook\.md#([\w-]+)$/) ?? [];
      expect(sections, AlarmDescription).toContain(anchor);
    }
  });

  it('name only metrics that are emitted, and at most ten each', () => {
    for (const { Metrics = [] } of propertiesOf('AWS::CloudWatch::Alarm')) {
      const told = Metrics.filter((metric: { MetricStat?: unknown }) => metric.MetricStat);
      expect(told.length).toBeLessThanOrEqual(10);
    }
    const named = ownMetricsIn(JSON.stringify(propertiesOf('AWS::CloudWatch::Alarm')));
    expect(named.size).toBeGreaterThan(8);
    expect(Object.keys(METRICS)).toEqual(expect.arrayContaining([...named]));
  });

  it('make up one that says that callers notice', () => {
    const [degraded] = propertiesOf('AWS::CloudWatch::CompositeAlarm');
    const rule = JSON.stringify(degraded?.AlarmRule);
    for (const { name, isDegrading } of alarms.rules) expect(rule.includes(`Alarms${name}`)).toBe(isDegrading);
  });

  it('watch what is to be watched, and take no plan that nobody answered for a broken machine', () => {
    const names = Object.keys(gateway.findResources('AWS::CloudWatch::Alarm')).join();
    const watched = [
      ...['ErrorRate', 'SlowAnswers', 'NobodyAnswered', 'CircuitOpened', 'ProviderKeyRefused', 'BudgetsRefuse'],
      ...['UsageNotStored', 'SettlementFailed', 'ReservationsReaped', 'StoreFailed', 'FunctionErrors'],
      ...['FunctionsThrottled', 'TablesThrottled', 'MachineFailed', 'Undelivered', 'SpendAnomaly'],
    ];
    for (const name of watched) expect(names).toContain(`Alarms${name}`);
    for (const file of ['fallback', 'job']) {
      const machine = readFileSync(new URL(`../../lambda/workflow/${file}.asl.json`, import.meta.url), 'utf8');
      expect(machine).not.toContain('"Type": "Fail"');
    }
  });

  it('are silent about silence unless they are asked to be', () => {
    expect(JSON.stringify(propertiesOf('AWS::CloudWatch::Alarm'))).not.toContain('"TreatMissingData":"breaching"');
  });
});

describe('the dashboards', () => {
  it('show every metric there is, and none that is not emitted', () => {
    const bodies = propertiesOf('AWS::CloudWatch::Dashboard').map(({ DashboardBody }) => {
      const [, parts] = DashboardBody['Fn::Join'];
      return parts.map((part: unknown) => (typeof part === 'string' ? part : 'reference')).join('');
    });
    expect(bodies).toHaveLength(2);
    for (const body of bodies) expect(JSON.parse(body).widgets.length).toBeGreaterThan(5);
    const named = new Set(bodies.flatMap((body) => [...ownMetricsIn(body)]));
    expect([...named].toSorted()).toEqual(Object.keys(METRICS).toSorted());
    expect(METRIC_NAMESPACE).toBe('Headgate');
  });

  it('are not there where they are not wanted, nor are alarms', () => {
    const text = JSON.stringify(synthesise(false, false, { monitoring: false }).gateway.toJSON());
    expect(text).not.toMatch(/AWS::CloudWatch|QueryDefinition/);
  });

  it('come with questions for the logs', () => {
    const queries = propertiesOf('AWS::Logs::QueryDefinition');
    expect(queries.map(({ Name }) => Name)).toContain('Headgate/Failed requests');
    for (const { QueryString } of queries) expect(QueryString).toMatch(/filter /);
  });
});
