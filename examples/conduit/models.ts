export * from './articles/models.ts'
export * from './users/models.ts'
