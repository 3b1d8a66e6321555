import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { dollarsText } from '../core/price.ts';
import type { AlertSink } from '../ports.ts';

/**
 * Tells the account's default event bus: programs the alert, with its id, and people its `text`, which a rule hands to the
 * topic they subscribe to. `deployment` tells which gateway of the account it is about.
 */
export function awsAlertSink(deployment: string): AlertSink {
  const bus = new EventBridgeClient();
  return async (alert) => {
    const { id, account, period, percent, budgetMicroDollars, spentMicroDollars } = alert;
    const text =
      `Account ${account} has used ${percent} % of its budget of $${dollarsText(budgetMicroDollars)} for ${period} ` +
      `($${dollarsText(spentMicroDollars)} so far). Alert ${id}.`;
    const Detail = JSON.stringify({ ...alert, text, deployment });
    const entry = { Source: 'headgate', DetailType: 'Budget alert', Detail };
    const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount) throw new Error('The event bus did not take the alert.');
  };
}
