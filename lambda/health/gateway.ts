import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import { HOT_TIER_CACHE } from '../hot-tier/deployed-hot-tier.ts';
import { elastiCacheDependency } from '../hot-tier/elasticache-dependency.ts';
import type { Circuits, Dependency, ModelStatistics } from '../ports.ts';
import { circuitsStore } from '../store/circuits.ts';
import { modelStatisticsStore } from '../store/model-statistics.ts';
import { deployedMachine, machineDependency } from '../workflow/step-functions.ts';

/** What the health route needs beside what every handler does. */
export interface HealthGateway extends Gateway {
  circuits: Pick<Circuits, 'look'>;
  modelStatistics: Pick<ModelStatistics, 'recent'>;
}

/** The health route's gateway in these surroundings. */
function composeHealthGateway(surroundings: Surroundings, others: readonly Dependency[]): HealthGateway {
  const { configuration, onceDatabase, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    dependencies: [...gateway.dependencies, ...others],
    circuits: circuitsStore(onceDatabase, tableName('traffic'), configuration.circuit, gateway.clock),
    modelStatistics: modelStatisticsStore(onceDatabase, tableName('traffic'), gateway.clock),
  };
}

/** The gateway of the deployed health function, from its environment. */
export function deployedHealthGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): HealthGateway {
  const stateMachines = machineDependency(deployedMachine(environment, 'FALLBACK_MACHINE_ARN'));
  const surroundings = deployedSurroundings(environment, configuration);
  const cacheName = environment[HOT_TIER_CACHE];
  const hotTier = cacheName ? [elastiCacheDependency(cacheName, surroundings.aws)] : [];
  return composeHealthGateway(surroundings, [stateMachines, ...hotTier]);
}
