import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { dollarsText } from '../core/price.ts';
import type { AlertSink } from '../ports.ts';

/** Tells an SNS topic, for people, and the account's event bus, for programs. Both carry the alert's id. */
export function awsAlertSink(topicArn: string): AlertSink {
  const topic = new SNSClient();
  const bus = new EventBridgeClient();
  return async (alert) => {
    const { id, account, period, percent, budgetMicroDollars, spentMicroDollars } = alert;
    const text =
      `Account ${account} has used ${percent} % of its budget of $${dollarsText(budgetMicroDollars)} for ${period} ` +
      `($${dollarsText(spentMicroDollars)} so far). Alert ${id}.`;
    await topic.send(
      new PublishCommand({ TopicArn: topicArn, Subject: `Headgate budget: ${percent} %`, Message: text }),
    );
    const entry = { Source: 'headgate', DetailType: 'Budget alert', Detail: JSON.stringify(alert) };
    const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount) throw new Error('The event bus did not take the alert.');
  };
}
