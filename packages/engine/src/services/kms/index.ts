/* AWS Key Management Service: symmetric keys and their aliases, which encrypt and decrypt. */
import { defineService } from '../../kernel/service.ts';
import { access } from './access.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts';
import * as encryption from './encryption.ts';
import * as keys from './keys.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './policies.ts';
import { resources } from './resources.ts';
import { disableKeyRotation, enableKeyRotation, getKeyRotationStatus } from './rotation.ts';
import { listResourceTags, tagResource, untagResource } from './tags.ts';

export const kms = defineService({
  name: 'kms',
  arnName: 'kms',
  access,
  resources,
  operations: {
    CancelKeyDeletion: keys.cancelKeyDeletion,
    CreateAlias: createAlias,
    CreateKey: keys.createKey,
    Decrypt: encryption.decrypt,
    DeleteAlias: deleteAlias,
    DescribeKey: keys.describeKey,
    DisableKey: keys.disableKey,
    DisableKeyRotation: disableKeyRotation,
    EnableKey: keys.enableKey,
    EnableKeyRotation: enableKeyRotation,
    Encrypt: encryption.encrypt,
    GenerateDataKey: encryption.generateDataKey,
    GenerateDataKeyWithoutPlaintext: encryption.generateDataKeyWithoutPlaintext,
    GenerateRandom: encryption.generateRandom,
    GetKeyPolicy: getKeyPolicy,
    GetKeyRotationStatus: getKeyRotationStatus,
    ListAliases: listAliases,
    ListKeyPolicies: listKeyPolicies,
    ListKeys: keys.listKeys,
    ListResourceTags: listResourceTags,
    PutKeyPolicy: putKeyPolicy,
    ReEncrypt: encryption.reEncrypt,
    ScheduleKeyDeletion: keys.scheduleKeyDeletion,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdateAlias: updateAlias,
    UpdateKeyDescription: keys.updateKeyDescription,
  },
  due: { deletion: keys.dropKey },
});
