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

/**
 * The name of the stack that is meant. From here on every AWS client of this process talks to the region its stage is bound to, if
 * it is. Throws for a stage that is not there.
 */
export function chosenStackName({ stage, stack }: StackChoice): string {
  const { stackName, environment } = chosenStage(stage);
  if (environment) process.env.AWS_REGION = environment.region;
  return stack ?? stackName;
}

/** The outputs of a deployed stack. Throws, with what to do, when there is none. */
export async function stackOutputs(choice: StackChoice): Promise<Record<string, string>> {
  const stackName = chosenStackName(choice);
  const client = new CloudFormationClient();
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
  throw new NotDeployed(`The stack ${chosenStackName(choice)} has no output ${name}. Deploy first: npm run deploy`);
}
