import type { Deployment } from './deployment.ts';

/** One deployment of the gateway beside others. */
export interface Stage {
  /** The name of the gateway's stack; that of its data has `Data` behind it. Another name is another deployment. */
  stackName: string;
  /** Where it goes, and nowhere else; undefined for wherever the credentials of the moment lead. */
  environment: { account: string; region: string } | undefined;
  /** Where it differs from `config/deployment.ts`. */
  options: Partial<Deployment>;
}

/** `npx cdk deploy --all -c stage=prod`; without a stage it is `dev`. */
export const stages = {
  dev: { stackName: 'Headgate', environment: undefined, options: {} },
  staging: { stackName: 'HeadgateStaging', environment: undefined, options: { releases: 'canary' } },
  prod: {
    stackName: 'HeadgateProd',
    environment: undefined,
    options: { releases: 'canary', logRetentionDays: 90 },
  },
} as const satisfies Record<string, Stage>;

export type StageName = keyof typeof stages;

export const defaultStage: StageName = 'dev';
