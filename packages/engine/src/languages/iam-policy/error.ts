/* A policy that AWS would refuse, in AWS's words. Whoever keeps the policy says which error of his service it is. */
export class PolicyError extends Error {}
