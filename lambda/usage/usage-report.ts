import { dollarsText } from '../core/price.ts';
import {
  addSummary,
  newSummary,
  noUsage,
  percentilesOf,
  type UsageSummary,
  type UsageTotals,
} from '../core/usage-summary.ts';
import type { SummedDay } from '../usage-sums.ts';
import type { Grouping } from './usage-query.ts';

/** Groups of one page. */
export const MOST_GROUPS = 1_000;

interface Row {
  name: string;
  totals: UsageTotals;
  /** Of the groups that have percentiles of their own: days, months, accounts, models and routes. */
  percentiles?: ReturnType<typeof percentiles>;
}

interface ReportDay extends SummedDay {
  /** Where there are several. */
  account?: string;
}

interface ReportQuery {
  grouping: Grouping | undefined;
  limit: number;
  /** The name of the last group of the page before. */
  after: string | undefined;
  /** Groups for which it is false are left out. */
  isShown: (name: string) => boolean;
}

/** What `GET /v2/usage` answers: all together, and, if asked for, group by group in the order of their names. */
export function usageReport(days: readonly ReportDay[], { grouping, limit, after, isShown }: ReportQuery): object {
  const all = sumOf(days.map(({ summary }) => summary));
  const rows = grouping === undefined ? undefined : rowsBy(grouping, days, all);
  const rest = rows?.filter(({ name }) => (after === undefined || name > after) && isShown(name));
  const page = rest?.slice(0, limit);
  const next = rest && rest.length > limit ? page?.at(-1)?.name : undefined;
  return {
    totals: shown(all.totals),
    ...percentiles(all),
    ...(page ? { groups: page.map(({ name, totals, percentiles: own }) => ({ name, ...shown(totals), ...own })) } : {}),
    ...(next === undefined ? {} : { next }),
  };
}

function rowsBy(grouping: Grouping, days: readonly ReportDay[], all: UsageSummary): Row[] {
  if (grouping === 'day' || grouping === 'month' || grouping === 'account') {
    const nameOf = ({ day, account = '' }: ReportDay) => ({ day, month: day.slice(0, 7), account })[grouping];
    const periods = Map.groupBy(days, nameOf);
    return [...periods].map(([name, of]) => {
      const summary = sumOf(of.map((one) => one.summary));
      return { name, totals: summary.totals, percentiles: percentiles(summary) };
    });
  }
  return [...all.groups[grouping]]
    .map(([name, totals]) => ({
      name,
      totals,
      ...percentilesOfGroup(grouping, all, name),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function percentilesOfGroup(grouping: Grouping, all: UsageSummary, name: string): Pick<Row, 'percentiles'> {
  if (grouping === 'model') return { percentiles: percentiles(all, name) };
  if (grouping !== 'route') return {};
  const { routeLatencyMs: latencyMs, routeTimeToFirstTokenMs: timeToFirstTokenMs } = all;
  return { percentiles: percentiles({ latencyMs, timeToFirstTokenMs }, name) };
}

function sumOf(summaries: readonly UsageSummary[]): UsageSummary {
  const sum = newSummary();
  for (const summary of summaries) addSummary(sum, summary);
  return sum;
}

function percentiles(
  { latencyMs, timeToFirstTokenMs }: Pick<UsageSummary, 'latencyMs' | 'timeToFirstTokenMs'>,
  name?: string,
) {
  return {
    latencyMs: percentilesOf(latencyMs, name),
    timeToFirstTokenMs: percentilesOf(timeToFirstTokenMs, name),
  };
}

/** Totals with their dollars as text beside the exact micro-dollars, and the mean of the scores that callers gave. */
function shown({ scoreThousandths, ...totals }: UsageTotals): object {
  const { costMicroDollars, savedMicroDollars, routingSavedMicroDollars, scored } = { ...noUsage(), ...totals };
  return {
    ...totals,
    meanScore: scored === 0 ? null : Math.round(scoreThousandths / scored) / 1_000,
    costDollars: dollarsText(costMicroDollars),
    savedDollars: dollarsText(savedMicroDollars),
    routingSavedDollars: dollarsText(routingSavedMicroDollars),
  };
}
