import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { chosenStage } from '../lib/stage.ts';

/** A deployed stack as commands name it: by its stage, or by its own name. */
export interface StackChoice {
  stage?: string | undefined;
  stack?: string | undefined;
}

/** Nothing is deployed where a command looks. Its text says what to do. */
class NotDeployed extends Error {
  override name = 'NotDeployed';
}

/** The options of commands that look for a deployed stack. */
export const STACK_OPTIONS = { stage: { type: 'string' }, stack: { type: 'string' } } as const;

/** The stack that is meant, and the region it is bound to, if any. Throws for a stage that is not there. */
export function chosenStack({ stage, stack }: StackChoice): { stackName: string; region?: string } {
  const { stackName, environment } = chosenStage(stage);
  return { stackName: stack ?? stackName, ...(environment ? { region: environment.region } : {}) };
}

/** The outputs of a deployed stack. Throws, with what to do, when there is none. */
export async function stackOutputs(choice: StackChoice): Promise<Record<string, string>> {
  const { stackName, ...place } = chosenStack(choice);
  const client = new CloudFormationClient(place);
  const { Stacks: stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch((cause: Error) => {
      if (cause.name !== 'ValidationError') throw cause;
      throw new NotDeployed(`There is no stack ${stackName} in this account and region. Deploy first: npm run deploy`, {
        cause,
      });
    });
  const outputs = stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
}

/** One output of a deployed stack. Throws when the stack lacks it. */
export async function stackOutput(choice: StackChoice, name: string): Promise<string> {
  const value = (await stackOutputs(choice))[name];
  if (value) return value;
  throw new NotDeployed(
    `The stack ${chosenStack(choice).stackName} has no output ${name}. Deploy first: npm run deploy`,
  );
}
