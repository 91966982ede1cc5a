/* Amazon EventBridge Scheduler: schedules in groups, each with one target that it rings. */
import { defineService } from '../../kernel/service.ts';
import { access } from './access.ts';
import { createScheduleGroup, deleteScheduleGroup, empty, getScheduleGroup, listScheduleGroups } from './groups.ts';
import { resources } from './resources.ts';
import { ring } from './rings.ts';
import { createSchedule, deleteSchedule, getSchedule, listSchedules, updateSchedule } from './schedules.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';
import { callOperation } from './universal.ts';

export const scheduler = defineService({
  name: 'scheduler',
  arnName: 'scheduler',
  access,
  resources,
  operations: {
    CreateSchedule: createSchedule,
    CreateScheduleGroup: createScheduleGroup,
    DeleteSchedule: deleteSchedule,
    DeleteScheduleGroup: deleteScheduleGroup,
    GetSchedule: getSchedule,
    GetScheduleGroup: getScheduleGroup,
    ListScheduleGroups: listScheduleGroups,
    ListSchedules: listSchedules,
    ListTagsForResource: listTagsForResource,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdateSchedule: updateSchedule,
  },
  due: { emptying: empty, ring },
  accepts: { 'aws-sdk': { waits: callOperation } },
});
