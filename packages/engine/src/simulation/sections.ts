/* The sections that a report has, one line each. */
import { deliveries } from './sections/deliveries.ts';
import { functions } from './sections/functions.ts';
import { logs } from './sections/logs.ts';
import { permissions } from './sections/permissions.ts';
import { schedules } from './sections/schedules.ts';
import { timeline } from './sections/timeline.ts';

export const sections = { functions, schedules, deliveries, logs, permissions, timeline };
