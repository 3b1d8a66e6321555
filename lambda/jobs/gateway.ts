import type { Configuration } from '../core/configuration.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { Idempotency } from '../kept-answers.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { PersonalItems } from '../personal-items.ts';
import type { Accounts, Budgets, RateLimits } from '../ports.ts';
import { loadPromptModel } from '../routing/load-prompt-model.ts';
import { accountsStore } from '../store/accounts.ts';
import { idempotencyStore } from '../store/idempotency.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';
import { personalItemsStore } from '../store/personal-items.ts';
import { rateLimitsStore } from '../store/rate-limits.ts';
import { runsStore } from '../store/runs.ts';
import type { JobStarter, Runs } from '../workflow/run-ports.ts';
import { deployedMachine, standardStarter } from '../workflow/step-functions.ts';

/** What the jobs' routes need beside what every handler does. */
export interface JobsGateway extends Gateway {
  accounts: Pick<Accounts, 'webhookSecret'>;
  rateLimits: RateLimits;
  budgets: Pick<Budgets, 'prepare' | 'left'>;
  idempotency: Idempotency;
  jobRuns: Runs;
  jobStarter: JobStarter;
  personalItems: Pick<PersonalItems, 'noteJob'>;
  promptModel: () => Promise<PromptModel>;
  learnedQuality: Pick<LearnedQuality, 'believed'>;
}

/** A job reserves when it is run, perhaps on another day. */
export const NOTHING_RESERVED: JobsGateway['budgets'] = { prepare: async () => {}, left: () => undefined };

/** The jobs' gateway in these surroundings. */
export function composeJobsGateway(surroundings: Surroundings, jobStarter: JobStarter): JobsGateway {
  const { configuration, database, onceDatabase, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  const { clock } = gateway;
  return {
    ...gateway,
    accounts: accountsStore(database, tableName('accounts'), clock),
    rateLimits: rateLimitsStore(onceDatabase, tableName('traffic'), configuration.penalties, clock),
    budgets: NOTHING_RESERVED,
    idempotency: idempotencyStore(database, tableName('responses'), clock),
    jobRuns: runsStore(database, tableName('usage'), clock),
    jobStarter,
    personalItems: personalItemsStore(database, tableName),
    promptModel: loadPromptModel,
    learnedQuality: learnedQualityStore(onceDatabase, tableName('traffic'), clock),
  };
}

/** The gateway of the deployed jobs function, from its environment. */
export function deployedJobsGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): JobsGateway {
  const starter = standardStarter(deployedMachine(environment, 'JOB_MACHINE_ARN'));
  return composeJobsGateway(deployedSurroundings(environment, configuration), starter);
}
