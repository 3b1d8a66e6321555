import { type Deployment, deployment } from '../config/deployment.ts';
import { defaultStage, type Stage, stages } from '../config/stages.ts';

/** A stage with all that its deployment chooses. */
export interface ChosenStage extends Omit<Stage, 'options'> {
  name: string;
  deployment: Deployment;
}

/** The stage of this name, or the default one. Throws for a name that no stage has, and for stages that would meet. */
export function chosenStage(name: string = defaultStage, all: Readonly<Record<string, Stage>> = stages): ChosenStage {
  const stage = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!stage)
    throw new Error(`There is no stage "${name}". Choose one of ${Object.keys(all).join(', ')}: -c stage=prod`);
  const stackNames = Object.values(all).flatMap(({ stackName }) => [stackName, dataStackName(stackName)]);
  const twice = stackNames.find((stackName, index) => stackNames.indexOf(stackName) !== index);
  if (twice) {
    throw new Error(`Two stages would be one stack, ${twice}. Give each a stackName of its own in config/stages.ts.`);
  }
  const { options, ...rest } = stage;
  return { ...rest, name, deployment: { ...deployment, ...options } };
}

/** The name of the stack that keeps the data of a gateway's stack. */
export function dataStackName(stackName: string): string {
  return `${stackName}Data`;
}
