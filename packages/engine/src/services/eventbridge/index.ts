/* Amazon EventBridge: event buses, the rules on them, and the targets that events and schedules reach. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { dropExpired } from './archive.ts';
import { createArchive, deleteArchive, describeArchive, listArchives, updateArchive } from './archives.ts';
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses, updateEventBus } from './buses.ts';
import { deadLetterCode } from './dead-letters.ts';
import { acceptDelivery, putEvents, testEventPattern } from './events.ts';
import { putPermission, removePermission } from './permissions.ts';
import { forget, replaySlice } from './replay.ts';
import { cancelReplay, describeReplay, listReplays, startReplay } from './replays.ts';
import { resources } from './resources.ts';
import { deleteRule, describeRule, disableRule, enableRule, listRules, putRule } from './rules.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';
import { listRuleNamesByTarget, listTargetsByRule, putTargets, removeTargets } from './targets.ts';
import { tick } from './ticks.ts';

export const eventbridge = defineService({
  name: 'eventbridge',
  arnName: 'events',
  access,
  resources,
  operations: {
    CancelReplay: cancelReplay,
    CreateArchive: createArchive,
    CreateEventBus: createEventBus,
    DeleteArchive: deleteArchive,
    DeleteEventBus: deleteEventBus,
    DeleteRule: deleteRule,
    DescribeArchive: describeArchive,
    DescribeEventBus: describeEventBus,
    DescribeReplay: describeReplay,
    DescribeRule: describeRule,
    DisableRule: disableRule,
    EnableRule: enableRule,
    ListArchives: listArchives,
    ListEventBuses: listEventBuses,
    ListReplays: listReplays,
    ListRuleNamesByTarget: listRuleNamesByTarget,
    ListRules: listRules,
    ListTagsForResource: listTagsForResource,
    ListTargetsByRule: listTargetsByRule,
    PutEvents: putEvents,
    PutPermission: putPermission,
    PutRule: putRule,
    PutTargets: putTargets,
    RemovePermission: removePermission,
    RemoveTargets: removeTargets,
    StartReplay: startReplay,
    TagResource: tagResource,
    TestEventPattern: testEventPattern,
    UntagResource: untagResource,
    UpdateArchive: updateArchive,
    UpdateEventBus: updateEventBus,
  },
  due: { oblivion: forget, replay: waits(replaySlice), retention: dropExpired, tick },
  accepts: { 'event-bus': acceptDelivery },
  deadLetterCode,
});
