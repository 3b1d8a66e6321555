import { FAST } from './profiles.ts';
import { testFaults } from './run-faults.ts';

testFaults(FAST);
