/** What most functions may do with a table. */
export const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
export const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem'];
