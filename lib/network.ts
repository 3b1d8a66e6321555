import { type ISecurityGroup, type IVpc, SecurityGroup, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Network } from '../config/deployment.ts';

/** What functions in a VPC share. */
export interface FunctionNetwork {
  vpc: IVpc;
  vpcSubnets: SubnetSelection;
  securityGroups: ISecurityGroup[];
}

/**
 * The operator's own VPC, named by its ids alone: nothing is looked up, so that a synth needs no credentials. Functions may
 * call out of it, and nothing may call them.
 */
export function functionNetwork(scope: Construct, network: Network): FunctionNetwork {
  const { vpcId, subnetIds, availabilityZones } = network;
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId,
    availabilityZones: [...availabilityZones],
    privateSubnetIds: [...subnetIds],
  });
  const group = new SecurityGroup(scope, 'FunctionsGroup', {
    vpc,
    description: 'Functions of Headgate: they call out, and nothing calls them',
    allowAllOutbound: true,
  });
  return { vpc, vpcSubnets: { subnets: vpc.privateSubnets }, securityGroups: [group] };
}

/** What Lambda does in the subnets for a function, by the function's role (Lambda guide, "VPC execution role"). */
const INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Lets Lambda, but not the function's own code, keep network interfaces. These actions have no resources to name before they are made. */
export function grantInterfaces(role: IRole): void {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: INTERFACES, resources: ['*'] }));
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: INTERFACES,
      resources: ['*'],
      // The key is there only in requests that come from a function's code.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}
