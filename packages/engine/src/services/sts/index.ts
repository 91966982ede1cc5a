/* AWS Security Token Service: who calls, and temporary credentials. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { assumeRole, getSessionToken } from './assume-role.ts';
import { getAccessKeyInfo, getCallerIdentity } from './identity.ts';
import { credentialsOf, expireSession, identityOf } from './sessions.ts';

export const sts = defineService({
  name: 'sts',
  arnName: 'sts',
  credentials: credentialsOf,
  identityOf,
  access,
  operations: {
    AssumeRole: waits(assumeRole),
    GetAccessKeyInfo: getAccessKeyInfo,
    GetCallerIdentity: waits(getCallerIdentity),
    GetSessionToken: waits(getSessionToken),
  },
  due: {
    expire: expireSession,
  },
});
