import { AttributeType, type CfnGlobalTable, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { TABLES, VECTOR_INDEX } from '../lambda/store/tables.ts';

/** Gives the table of kept answers a vector index, for which CDK has no construct of its own yet. */
export function addVectorIndex(table: TableV2, dimensions: number): void {
  const resource = table.node.defaultChild as CfnGlobalTable;
  const { name, partition, vector, projected } = VECTOR_INDEX;
  resource.vectorIndexes = [
    {
      indexName: name,
      dimensions,
      distanceFunction: 'COSINE',
      vectorAttribute: { attributeName: vector },
      searchSchema: [{ attributeName: partition, searchSchemaElementType: 'HASH' }],
      projection: { projectionType: 'INCLUDE', nonKeyAttributes: [...projected] },
    },
  ];
  const { partitionKey, sortKey } = TABLES.responses;
  const defined = [partitionKey, sortKey, partition];
  resource.addPropertyOverride(
    'AttributeDefinitions',
    defined.map((AttributeName) => ({ AttributeName, AttributeType: AttributeType.STRING })),
  );
}

/** CDK's own grants leave this action out. */
export function grantSearchVectors(table: TableV2, grantee: IGrantable): void {
  const statement = new PolicyStatement({
    actions: ['dynamodb:SearchVectors'],
    resources: [`${table.tableArn}/index/${VECTOR_INDEX.name}`],
  });
  grantee.grantPrincipal.addToPrincipalPolicy(statement);
}
