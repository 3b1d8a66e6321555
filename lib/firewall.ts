import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Firewall as FirewallOptions } from '../config/deployment.ts';

/**
 * AWS's rule groups, and which of their rules only count. Those look into bodies, where prompts are: of code, of attacks, and
 * longer than 8 KB. The functions parse bodies strictly, and run nothing of them.
 */
const MANAGED: readonly { name: string; counting: readonly string[] }[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counting: [] },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counting: [
      'SizeRestrictions_BODY',
      'EC2MetaDataSSRF_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'CrossSiteScripting_BODY',
      // Programs are the callers, and many send no user agent.
      'NoUserAgent_HEADER',
    ],
  },
  {
    name: 'AWSManagedRulesKnownBadInputsRuleSet',
    counting: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
  },
];

const TOO_MANY = 'too-many';

/** A web ACL before the API: a limit for each address, and AWS's own rules. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, api: RestApi, options: FirewallOptions) {
    super(scope, id);
    const managed = options.managedRules ? MANAGED.map(managedRule) : [];
    const acl = new CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('Headgate'),
      customResponseBodies: {
        [TOO_MANY]: {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify({
            error: {
              message: 'Too many requests come from this address. Wait five minutes.',
              type: 'rate_limit_error',
              code: 'rate_limit_exceeded',
              param: null,
            },
          }),
        },
      },
      rules: [rateRule(options.requestsPerFiveMinutes), ...managed],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: api.deploymentStage.stageArn,
      webAclArn: acl.attrArn,
    });
  }
}

function rateRule(limit: number): CfnWebACL.RuleProperty {
  return {
    name: 'RequestsOfOneAddress',
    priority: 0,
    statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
    action: { block: { customResponse: { responseCode: 429, customResponseBodyKey: TOO_MANY } } },
    visibilityConfig: visibility('RequestsOfOneAddress'),
  };
}

function managedRule({ name, counting }: (typeof MANAGED)[number], index: number): CfnWebACL.RuleProperty {
  const ruleActionOverrides = counting.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    priority: index + 1,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
    visibilityConfig: visibility(name),
  };
}

/** Counted, and no sampled requests: those would show headers, in which keys are. */
function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
