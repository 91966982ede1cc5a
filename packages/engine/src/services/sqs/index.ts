/* Amazon SQS: queues, standard and FIFO, that keep messages until somebody has received and deleted them. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { getQueueAttributes, setQueueAttributes } from './attributes.ts';
import { deleteMessage, deleteMessageBatch } from './deletion.ts';
import { retimed } from './groups.ts';
import { cancelMessageMoveTask, listMessageMoveTasks, moved, startMessageMoveTask } from './moves.ts';
import { addPermission, removePermission } from './permissions.ts';
import { createQueue, deleteQueue, getQueueUrl, listQueues, purgeQueue } from './queues.ts';
import { receiveMessage } from './receiving.ts';
import { listDeadLetterSourceQueues } from './redrive.ts';
import { resources } from './resources.ts';
import { dropExpired } from './retention.ts';
import { acceptDelivery, sendMessage, sendMessageBatch } from './sending.ts';
import { dropSwept } from './sweep.ts';
import { listQueueTags, tagQueue, untagQueue } from './tags.ts';
import { changeMessageVisibility, changeMessageVisibilityBatch } from './visibility.ts';

export const sqs = defineService({
  name: 'sqs',
  arnName: 'sqs',
  access,
  resources,
  operations: {
    AddPermission: addPermission,
    CancelMessageMoveTask: cancelMessageMoveTask,
    ChangeMessageVisibility: changeMessageVisibility,
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
    CreateQueue: createQueue,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: deleteMessageBatch,
    DeleteQueue: deleteQueue,
    GetQueueAttributes: getQueueAttributes,
    GetQueueUrl: getQueueUrl,
    ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
    ListMessageMoveTasks: listMessageMoveTasks,
    ListQueues: listQueues,
    ListQueueTags: listQueueTags,
    PurgeQueue: purgeQueue,
    ReceiveMessage: waits(receiveMessage),
    RemovePermission: removePermission,
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    SetQueueAttributes: setQueueAttributes,
    StartMessageMoveTask: startMessageMoveTask,
    TagQueue: tagQueue,
    UntagQueue: untagQueue,
  },
  due: { move: moved, retention: dropExpired, retime: retimed, sweep: dropSwept },
  accepts: { '': acceptDelivery },
});
