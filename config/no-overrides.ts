/**
 * Where an operator's own configuration goes when there is none. With HEADGATE_CONFIG set, `npm start` reads that module
 * instead and `cdk deploy` bundles it in place of this one.
 */
export const configuration = {};
