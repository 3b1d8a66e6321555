import type { Configuration } from '../core/configuration.ts';
import type { MicroDollars } from '../core/price.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Caller, Circuits, ProviderKeys } from '../ports.ts';
import { loadPromptModel } from '../routing/load-prompt-model.ts';
import { budgetLeft } from '../store/budget-left.ts';
import { circuitsStore } from '../store/circuits.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';

/** What suggestions need beside what every handler does. */
export interface RouteSuggestGateway extends Gateway {
  circuits: Pick<Circuits, 'look'>;
  promptModel: () => Promise<PromptModel>;
  learnedQuality: Pick<LearnedQuality, 'believed'>;
  /** Undefined where keys may not be read: then every provider is taken to have one. */
  providerKeys: ProviderKeys | undefined;
  /** What is left of the nearest of the caller's budgets; undefined for one that none limits. */
  budgetLeft(caller: Caller): Promise<MicroDollars | undefined>;
}

/** The suggestions' gateway in these surroundings. It may not read the providers' keys. */
function composeRouteSuggestGateway(surroundings: Surroundings): RouteSuggestGateway {
  const { configuration, database, onceDatabase, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    circuits: circuitsStore(onceDatabase, tableName('traffic'), configuration.circuit, gateway.clock),
    promptModel: loadPromptModel,
    learnedQuality: learnedQualityStore(onceDatabase, tableName('traffic'), gateway.clock),
    providerKeys: undefined,
    budgetLeft: budgetLeft(database, tableName('usage'), configuration.budgetRules, gateway.clock),
  };
}

/** The gateway of the deployed function, from its environment. */
export function deployedRouteSuggestGateway(
  environment: NodeJS.ProcessEnv,
  configuration: Configuration,
): RouteSuggestGateway {
  return composeRouteSuggestGateway(deployedSurroundings(environment, configuration));
}
