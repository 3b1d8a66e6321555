import { FULL } from '../failover/profiles.ts';
import { testFaults } from '../failover/run-faults.ts';

/** The faults of test/failover with the times of real life. */
testFaults(FULL);
