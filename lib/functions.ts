import { join } from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { BANNER, MAIN_FIELDS, NEVER_LOADED, TARGET } from './bundling.ts';

export interface GatewayFunctionProps {
  /** The handler's file below `lambda/`. */
  entry: string;
  description: string;
  /** Megabytes; 256 without: most functions wait for the store. */
  memorySize?: number;
  timeout: Duration;
  logRetention: RetentionDays;
  environment: Record<string, string>;
  operatorModule: string | undefined;
}

const LAMBDA_FOLDER = join(import.meta.dirname, '../lambda');

/** One function: bundled with its SDK, with a role and a log group of its own, called through the alias `live`. */
export class GatewayFunction extends Construct {
  readonly function: NodejsFunction;
  readonly alias: Alias;
  /** Its name in logs and metrics, which no deployment changes. */
  readonly serviceName: string;

  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    super(scope, id);
    const { entry, logRetention, operatorModule, environment, memorySize = 256, ...rest } = props;
    this.serviceName = id.toLowerCase();
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.function = new NodejsFunction(this, 'Function', {
      ...rest,
      memorySize,
      environment: { ...environment, POWERTOOLS_SERVICE_NAME: this.serviceName },
      entry: join(LAMBDA_FOLDER, entry),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: Tracing.ACTIVE,
      depsLockFilePath: join(LAMBDA_FOLDER, '../package-lock.json'),
      bundling: {
        format: OutputFormat.ESM,
        target: TARGET,
        mainFields: MAIN_FIELDS,
        minify: true,
        sourceMap: false,
        bundleAwsSDK: true,
        externalModules: NEVER_LOADED,
        ...(operatorModule ? { esbuildArgs: { '--alias:#operator-configuration': operatorModule } } : {}),
        banner: BANNER,
      },
    });
    this.alias = new Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
  }
}
