import type { MetricName } from '../lambda/metrics.ts';

/** An alarm on the gateway's own metrics, of all functions together. docs/runbook.md has a section for each. */
export interface AlarmRule {
  name: string;
  /** What it means, in a sentence. */
  says: string;
  /** The metrics the expression is about, by the letters it uses for them, and how each is summed up over the minutes. */
  metrics: Readonly<Record<string, { metric: MetricName; statistic: 'Sum' | 'p95' }>>;
  /** CloudWatch metric math; a letter alone without. */
  expression: string;
  above: number;
  minutes: number;
  /** Told by this function alone; without, by those that serve requests. */
  by?: 'sweep';
  /** Part of the composite alarm `Degraded`: callers notice. */
  isDegrading: boolean;
}

export interface AlarmConfiguration {
  rules: readonly AlarmRule[];
  /** Tells when no request came for so long; undefined where that is nothing unusual. */
  noTrafficMinutes: number | undefined;
  /** Standard deviations by which an hour's spending may leave what is usual for the hour; undefined for no such alarm. */
  spendDeviations: number | undefined;
}

const sum = (metric: MetricName) => ({ metric, statistic: 'Sum' as const });

export const alarms: AlarmConfiguration = {
  noTrafficMinutes: undefined,
  spendDeviations: 4,
  rules: [
    {
      name: 'ErrorRate',
      says: 'More than 5 % of the requests of a quarter of an hour failed or broke off.',
      metrics: { r: sum('Requests'), f: sum('Failed'), i: sum('Interrupted') },
      expression: 'IF(r >= 20, 100 * (f + i) / r, 0)',
      above: 5,
      minutes: 15,
      isDegrading: true,
    },
    {
      name: 'SlowAnswers',
      says: 'One in twenty answers of a quarter of an hour took longer than a minute.',
      metrics: { l: { metric: 'LatencyMs', statistic: 'p95' } },
      expression: 'l',
      above: 60_000,
      minutes: 15,
      isDegrading: true,
    },
    {
      name: 'NobodyAnswered',
      says: 'Requests failed although every model of their plans was tried.',
      metrics: { n: sum('NobodyAnswered') },
      expression: 'n',
      above: 5,
      minutes: 5,
      isDegrading: true,
    },
    {
      name: 'CircuitOpened',
      says: 'A model has failed so often that it is no longer asked.',
      metrics: { c: sum('CircuitOpened') },
      expression: 'c',
      above: 0,
      minutes: 5,
      isDegrading: true,
    },
    {
      name: 'ProviderKeyRefused',
      says: 'A provider refuses the key, or has no credit left for it. The log line names the provider.',
      metrics: { k: sum('ProviderKeyRefused') },
      expression: 'k',
      above: 0,
      minutes: 5,
      isDegrading: true,
    },
    {
      name: 'BudgetsRefuse',
      says: 'Requests are refused because a budget is used up.',
      metrics: { b: sum('BudgetRefused') },
      expression: 'b',
      above: 0,
      minutes: 5,
      isDegrading: false,
    },
    {
      name: 'UsageNotStored',
      says: 'A usage event could not be written to the ledger. It is in the log, whole.',
      metrics: { u: sum('UsageNotStored') },
      expression: 'u',
      above: 0,
      minutes: 5,
      isDegrading: false,
    },
    {
      name: 'SettlementFailed',
      says: 'Money that was reserved could not be settled. It is held until its lease ends.',
      metrics: { s: sum('SettlementFailed') },
      expression: 's',
      above: 10,
      minutes: 15,
      isDegrading: false,
    },
    {
      name: 'ReservationsReaped',
      says: 'Calls had money reserved and never came to their end. The sweep has settled them by the ledger.',
      metrics: { r: sum('ReservationsReaped') },
      expression: 'r',
      above: 10,
      minutes: 30,
      by: 'sweep',
      isDegrading: false,
    },
    {
      name: 'StoreFailed',
      says: 'DynamoDB did not answer, and requests went on without cache, circuits or deduplication.',
      metrics: { s: sum('StoreFailed') },
      expression: 's',
      above: 20,
      minutes: 5,
      isDegrading: true,
    },
  ],
};
