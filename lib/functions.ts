import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleHandler } from './bundling.ts';
import { grantTableKey } from './encryption.ts';
import { type FunctionNetwork, grantInterfaces } from './network.ts';

/** What all functions of a stack have in common. */
export interface SharedFunctionProps {
  logRetention: RetentionDays;
  operatorModule: string | undefined;
  /** Before the names of functions in logs and metrics, so that two stages in one account are told apart. */
  servicePrefix: string;
  /** For every function. */
  commonEnvironment: Record<string, string>;
  network: FunctionNetwork | undefined;
  encryptionKeyArn: string | undefined;
}

export interface GatewayFunctionProps extends SharedFunctionProps {
  /** The handler's file below `lambda/`. */
  entry: string;
  description: string;
  /** Megabytes; 256 without: most functions wait for the store. */
  memorySize?: number;
  timeout: Duration;
  environment: Record<string, string>;
  /** Started functions behind the alias; undefined for none. */
  provisionedConcurrency?: number | undefined;
  /** Packages that read files of their own, and are deployed as they are. */
  packages?: readonly string[];
  /** A file below `lambda/` that lies beside the bundle, because it is read when it is needed. */
  dataFile?: string;
}

/** Makes one of the stack's functions, with what they all have. */
export type MakeFunction = (
  name: string,
  props: Omit<GatewayFunctionProps, keyof SharedFunctionProps>,
) => GatewayFunction;

const LAMBDA_FOLDER = join(import.meta.dirname, '../lambda');

/** One function: bundled with its SDK, with a role and a log group of its own, called through the alias `live`. */
export class GatewayFunction extends Construct {
  readonly function: LambdaFunction;
  readonly alias: Alias;
  /** Its name in logs and metrics, which no deployment changes. */
  readonly serviceName: string;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    const { entry, description, timeout, logRetention, operatorModule, packages, dataFile, memorySize = 256 } = props;
    this.serviceName = props.servicePrefix + id.toLowerCase();
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    if (props.network) grantInterfaces(role);
    if (props.encryptionKeyArn !== undefined) grantTableKey(role, props.encryptionKeyArn);
    this.function = new LambdaFunction(this, 'Function', {
      ...props.network,
      description,
      timeout,
      memorySize,
      environment: { ...props.environment, ...props.commonEnvironment, POWERTOOLS_SERVICE_NAME: this.serviceName },
      code: handlerCode(join(LAMBDA_FOLDER, entry), { operatorModule, packages, dataFile }),
      handler: 'index.handler',
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: Tracing.ACTIVE,
    });
    const { provisionedConcurrency } = props;
    this.alias = new Alias(this, 'Live', {
      aliasName: 'live',
      version: this.function.currentVersion,
      ...(provisionedConcurrency ? { provisionedConcurrentExecutions: provisionedConcurrency } : {}),
    });
  }
}

/** The bundle of a handler, and its data file beside it. What is deployed changes when they do, and only then. */
function handlerCode(
  entry: string,
  { operatorModule, packages, dataFile }: Pick<GatewayFunctionProps, 'operatorModule' | 'packages' | 'dataFile'>,
): Code {
  const tryBundle = (folder: string) => {
    bundleHandler(entry, folder, operatorModule, packages);
    if (dataFile !== undefined) copyFileSync(join(LAMBDA_FOLDER, dataFile), join(folder, basename(dataFile)));
    return true;
  };
  return Code.fromAsset(LAMBDA_FOLDER, {
    assetHashType: AssetHashType.OUTPUT,
    // Image and command are never used, as bundling here cannot decline; CDK tells assets of one folder apart by them.
    bundling: { image: DockerImage.fromRegistry('unused'), command: [entry], local: { tryBundle } },
  });
}
