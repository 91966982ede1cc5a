/* Amazon EventBridge: event buses, the rules on them, and the targets that events and schedules reach. */
import { defineService } from '../../kernel/service.ts';
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses, updateEventBus } from './buses.ts';
import { acceptDelivery, putEvents, testEventPattern } from './events.ts';
import { putPermission, removePermission } from './permissions.ts';
import { deleteRule, describeRule, disableRule, enableRule, listRules, putRule } from './rules.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';
import { listRuleNamesByTarget, listTargetsByRule, putTargets, removeTargets } from './targets.ts';
import { tick } from './ticks.ts';

export const eventbridge = defineService({
  name: 'eventbridge',
  arnName: 'events',
  operations: {
    CreateEventBus: createEventBus,
    DeleteEventBus: deleteEventBus,
    DeleteRule: deleteRule,
    DescribeEventBus: describeEventBus,
    DescribeRule: describeRule,
    DisableRule: disableRule,
    EnableRule: enableRule,
    ListEventBuses: listEventBuses,
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
    TagResource: tagResource,
    TestEventPattern: testEventPattern,
    UntagResource: untagResource,
    UpdateEventBus: updateEventBus,
  },
  due: { tick },
  accepts: { 'event-bus': acceptDelivery },
});
